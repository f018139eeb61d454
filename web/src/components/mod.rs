//! What the page is made of: one component a file.

pub mod asked;
pub mod bar;
pub mod cell_menu;
pub mod clock_field;
pub mod compared_rows;
pub mod contribution;
pub mod dialog;
pub mod drop_target;
pub mod funnel;
pub mod grid;
pub mod header;
pub mod keys_dialog;
pub mod list_field;
pub mod lists_view;
pub mod logs_bar;
pub mod marked_text;
pub mod marker;
pub mod near_misses;
pub mod notices;
pub mod page;
pub mod paste_dialog;
pub mod report_dialog;
pub mod results;
pub mod rule_panel;
pub mod samples_dialog;
pub mod scalar_field;
pub mod shortcuts;
pub mod signals;
pub mod story;
pub mod suggestion;
pub mod tabs;
pub mod visibility;
pub mod visible;

pub use self::page::{Page, PageProps};
