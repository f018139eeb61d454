//! The program on the page's own thread: it draws.

fn main() {
    console_error_panic_hook::set_once();
    if let Some(place) = gloo::utils::document().get_element_by_id("app") {
        place.set_text_content(None);
        yew::Renderer::<web::app::App>::with_root(place).render();
    }
}
