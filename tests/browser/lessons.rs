//! A lesson is solved from start to end, one's own work waits meanwhile, and a lesson of one's own is written.

use anyhow::{Context as _, Result, ensure};
use serde_json::json;
use system_tests::browser::{Page, in_browser};

use crate::screen::{KEEP_FILES, MIXED_DAY, alerts, press_button, ready, saved_file, wait_for_alerts, wait_for_focus};

/// How many goals of the open lesson are met, and of how many.
fn goals(page: &Page) -> Result<(usize, usize)> {
    const READ: &str = "const all = [...document.querySelectorAll('.goals li')];
        return [all.filter((goal) => goal.querySelector('.ok')).length, all.length]";
    Ok(serde_json::from_value(page.script(READ, &[])?)?)
}

fn wait_for_goals(page: &Page, met: usize, of: usize) -> Result<()> {
    page.wait_until("the goals", || Ok(goals(page)? == (met, of)))
        .with_context(|| format!("expected {met} of {of}, shown {:?}", goals(page)))
}

/// Opens a command by the palette, by keys alone.
fn command(page: &Page, words: &str) -> Result<()> {
    page.press("Control+k")?;
    wait_for_focus(page, "Find a command")?;
    page.type_text(words)?;
    page.wait_until("the command", || {
        Ok(page.css("[role=option]")?.text()?.to_lowercase().starts_with(&words.to_lowercase()))
    })?;
    page.press("Enter")
}

#[test]
fn a_lesson_is_solved_by_keys_alone_and_the_next_is_offered() {
    in_browser("lesson-keys", |page| {
        ready(page)?;
        command(page, "Lessons")?;
        page.wait_until("the first lesson", || Ok(page.css(":focus")?.text()?.starts_with("1. Read an alert")))?;
        page.screenshot("list")?;
        page.press("Enter")?;
        page.wait_for_text("Lesson 1 of 10")?;
        // The row alerts and nothing is changed; nothing is answered yet.
        wait_for_goals(page, 3, 7)?;
        page.screenshot("open")?;
        command(page, "Go to the lesson")?;
        page.wait_until("the lesson", || Ok(page.script("return document.activeElement.id", &[])? == json!("lesson")))?;
        let mut answers = ["CodeRepoAPIUpload", "a.ferreira", "gists", "41870"].iter();
        for _ in 0..20 {
            page.press("Tab")?;
            if page.script("return document.activeElement.className", &[])? == json!("answer") {
                page.type_text(answers.next().context("a fifth question")?)?;
                page.press("Enter")?;
            }
            if answers.len() == 0 {
                break;
            }
        }
        wait_for_goals(page, 7, 7)?;
        page.wait_for_text("Solved.")?;
        page.screenshot("solved")?;
        press_button(page, "Next: Whole terms")?;
        page.wait_for_text("Lesson 2 of 10")?;
        press_button(page, "Lessons")?;
        page.wait_for_text("1 of 10 solved.")?;
        page.press("Escape")?;
        press_button(page, "Share")?;
        page.wait_for_text("of which the page has the logs: the lesson whole-terms")?;
        ensure!(!page.css("dialog")?.text()?.contains("stays here"), "{}", page.css("dialog")?.text()?);
        Ok(())
    });
}

#[test]
fn an_edit_solves_a_lesson_and_ones_own_work_waits_meanwhile() {
    in_browser("lesson-edit", |page| {
        ready(page)?;
        press_button(page, "Remove perl")?;
        page.visit("?lesson=other-hosts")?;
        page.wait_for_text("Hosts that no list holds")?;
        wait_for_alerts_of(page, 0)?;
        let before = page.wait_for("the goals", || Ok(Some(goals(page)?).filter(|(_, of)| *of > 0)))?;
        ensure!(before.0 < before.1, "{before:?}");
        press_button(page, "Show a hint (1 of 3)")?;
        page.wait_for_text("notgithub is one term.")?;
        press_button(page, "Add to CodeRepoDomains")?;
        for host in ["visualstudio.com", "gitlab.tarnholm.example", "notgithub.com"] {
            page.type_text(host)?;
            page.press("Enter")?;
        }
        page.press("Escape")?;
        wait_for_goals(page, before.1, before.1)?;
        page.wait_for_text("A list of hosts is never whole.")?;
        page.screenshot("solved")?;
        // It is there again after a reload, as it was left.
        page.visit("")?;
        page.wait_for_text("Hosts that no list holds")?;
        wait_for_goals(page, before.1, before.1)?;
        press_button(page, "Start again")?;
        page.wait_until("nothing solved", || Ok(goals(page)?.0 < before.1))?;
        press_button(page, "Leave")?;
        wait_for_alerts(page, MIXED_DAY)?;
        ensure!(page.all_css(".lesson")?.is_empty());
        ensure!(!page.all_roles("button")?.iter().any(|(name, _)| name == "Remove perl"), "one's own edit is there");
        Ok(())
    });
}

fn wait_for_alerts_of(page: &Page, count: usize) -> Result<()> {
    page.wait_until("the first signal", || Ok(alerts(page)?[0] == Some(count)))
}

#[test]
fn a_lesson_that_there_is_not_is_told() {
    in_browser("lesson-none", |page| {
        page.visit("?lesson=none")?;
        page.wait_for_text("There is no lesson 'none'.")?;
        ready(page)
    });
}

#[test]
fn a_lesson_of_ones_own_is_written_and_opened_by_another() {
    let text = std::cell::RefCell::new(String::new());
    in_browser("lesson-write", |page| {
        ready(page)?;
        page.script(KEEP_FILES, &[])?;
        command(page, "Write a lesson")?;
        page.wait_for_text("It needs a title.")?;
        page.role("textbox", "Title")?.click()?;
        page.type_text("Our own")?;
        page.wait_for_text("A lesson needs a goal.")?;
        page.role("textbox", "Goal")?.click()?;
        page.type_text("Let every attack alert.")?;
        page.role("textbox", "Hints, one on a line")?.click()?;
        page.type_text("Look.\nLook again.")?;
        page.wait_until("rows", || Ok(page.css("dialog")?.text()?.contains("must alert")))?;
        page.screenshot("author")?;
        press_button(page, "Download the file")?;
        *text.borrow_mut() = saved_file(page)?;
        Ok(())
    });
    in_browser("lesson-open", |page| {
        ready(page)?;
        let folder = std::env::temp_dir().join(format!("exfil-lesson-{}", std::process::id()));
        std::fs::create_dir_all(&folder)?;
        let file = folder.join("lesson.json");
        std::fs::write(&file, &*text.borrow())?;
        press_button(page, "Lessons")?;
        page.css(".file-button input")?.choose_file(&file)?;
        page.wait_for_text("Let every attack alert.")?;
        std::fs::remove_dir_all(&folder)?;
        press_button(page, "Show a hint (1 of 2)")?;
        page.wait_for_text("Look.")?;
        page.wait_until("goals", || Ok(goals(page)?.1 > 0))?;
        press_button(page, "Leave")?;
        wait_for_alerts(page, MIXED_DAY)
    });
}
