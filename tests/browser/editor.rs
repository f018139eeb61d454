//! What `web/editor/src/api.ts` promises, on an editor of the test's own beside the page's.

use anyhow::{Result, ensure};
use serde_json::{Value, json};
use system_tests::browser::{Page, in_browser};

use crate::screen::{ready, wait_for_focus};

/// Puts an editor with this text at the top of the page, as `window.editor`, with what it called back in `window.said`.
fn make_editor(page: &Page, text: &str) -> Result<()> {
    const MAKE: &str = "
        const place = document.createElement('div');
        document.body.prepend(place);
        window.said = [];
        window.editor = ExfilEditor.create(place, {
            text: arguments[0],
            label: 'Tested',
            nonce: exfil.styleNonce,
            onChange: (change) => said.push(change),
            onRun: () => said.push('run'),
            complete: async (version, at, explicit) => ({
                from: 0,
                to: at,
                items: [
                    { label: 'DeviceNetworkEvents', kind: 'table', detail: '26 columns' },
                    { label: 'DeviceProcessEvents', kind: 'table', info: `at ${at}, explicit ${explicit}` },
                ],
            }),
            hover: async (version, at) => ({ from: 0, to: 4, title: 'has: operator', text: `asked at ${at}` }),
        });
        editor.focus();";
    ready(page)?;
    page.script(MAKE, &[json!(text)]).map(drop)
}

fn run(page: &Page, body: &str) -> Result<Value> {
    page.script(body, &[])
}

#[test]
fn typing_and_edits_from_outside_share_one_history() {
    in_browser("editor-history", |page| {
        make_editor(page, "ab")?;
        page.press("Control+End")?;
        page.type_text("cd")?;
        // Straight after typing, so that only the isolation keeps the two apart.
        let applied = run(
            page,
            "return editor.applyEdits(editor.version(), [{from: 0, to: 1, insert: 'X'}, {from: 4, to: 4, insert: '!'}])",
        )?;
        ensure!(applied == json!(true));
        page.type_text("?")?;
        let texts = "const texts = [editor.text()]; while (editor.undo()) texts.push(editor.text()); \
                     while (editor.redo()) texts.push(editor.text()); return texts";
        let texts = run(page, texts)?;
        let expected = json!(["Xbcd?!", "Xbcd!", "abcd", "ab", "abcd", "Xbcd!", "Xbcd?!"]);
        ensure!(texts == expected, "{texts}");
        Ok(())
    });
}

#[test]
fn every_change_is_told_with_its_text_and_version() {
    in_browser("editor-changes", |page| {
        make_editor(page, "a\r\nb")?;
        run(page, "editor.setText('a\\r\\nB\\rc'); editor.setText('a\\nB\\r\\nc'); editor.undo()")?;
        let said = run(page, "return said")?;
        let expected = json!([
            {"text": "a\nB\nc", "version": 1, "canUndo": true, "canRedo": false},
            {"text": "a\nb", "version": 2, "canUndo": false, "canRedo": true},
        ]);
        ensure!(said == expected, "{said}");
        Ok(())
    });
}

#[test]
fn offsets_are_bytes_whatever_the_script() {
    in_browser("editor-offsets", |page| {
        make_editor(page, "é日🙂x")?;
        run(page, "editor.applyEdits(0, [{from: 9, to: 10, insert: 'y'}, {from: 2, to: 5, insert: ''}])")?;
        ensure!(run(page, "return editor.text()")? == json!("é🙂y"));
        run(page, "editor.setHighlights(1, [{from: 2, to: 6, class: 'string'}]); editor.reveal(2, 6)")?;
        let coloured = page.css("[aria-label=Tested] .kql-string")?.text()?;
        ensure!(coloured == "🙂", "{coloured}");
        page.type_text("-")?;
        ensure!(run(page, "return editor.text()")? == json!("é-y"));
        Ok(())
    });
}

#[test]
fn answers_for_an_older_text_are_dropped() {
    in_browser("editor-versions", |page| {
        make_editor(page, "where")?;
        run(page, "editor.setText('take')")?;
        let stale = "editor.setHighlights(0, [{from: 0, to: 5, class: 'keyword'}]); \
            editor.setDiagnostics(0, [{from: 0, to: 5, severity: 'error', message: 'old'}]); \
            return [editor.applyEdits(0, [{from: 0, to: 5, insert: ''}]), editor.text(), \
                    document.querySelectorAll('.kql-keyword, .cm-lintRange').length]";
        let outcome = run(page, stale)?;
        ensure!(outcome == json!([false, "take", 0]), "{outcome}");
        Ok(())
    });
}

#[test]
fn a_problem_is_underlined_and_its_words_stand_under_its_line() {
    in_browser("editor-diagnostics", |page| {
        make_editor(page, "T\n| wher x\n| take 1")?;
        let problem = "editor.setDiagnostics(0, [{from: 4, to: 8, severity: 'error', code: 'unknown-operator', \
             message: 'There is no operator \\'wher\\'.', hint: 'Did you mean \\'where\\'?'}])";
        run(page, problem)?;
        ensure!(page.css(".cm-lintRange-error")?.text()? == "wher");
        let words = page.css(".cm-words")?;
        let shown = words.text()?;
        ensure!(
            shown == "Error There is no operator 'wher'. Did you mean 'where'? unknown-operator",
            "the words are {shown:?}"
        );
        let below = "const top = (element) => element.getBoundingClientRect().top; \
            const lines = document.querySelectorAll('[aria-label=Tested] .cm-line'); \
            const words = document.querySelector('.cm-words'); \
            return top(lines[1]) < top(words) && top(words) < top(lines[2])";
        ensure!(run(page, below)? == json!(true), "the words do not stand under their line");
        page.screenshot("words")?;
        page.press("F8")?;
        page.type_text("where")?;
        ensure!(run(page, "return editor.text()")? == json!("T\n| where x\n| take 1"), "F8 selects the problem");
        run(page, "editor.setDiagnostics(editor.version(), [])")?;
        page.wait_until("the words to go", || Ok(page.all_css(".cm-words")?.is_empty()))?;
        Ok(())
    });
}

#[test]
fn a_fix_is_made_by_keys_in_one_step_and_gone_once_its_words_are_changed() {
    in_browser("editor-fixes", |page| {
        make_editor(page, "é\n| wher x = 1")?;
        // Offsets are bytes: the first character has two.
        let problems = "editor.setDiagnostics(editor.version(), [
            {from: 5, to: 9, severity: 'error', message: 'No operator', code: 'unknown-operator',
             fixes: [{title: 'Write `where`', edits: [{from: 5, to: 9, insert: 'where'}]}]},
            {from: 12, to: 13, severity: 'error', message: 'Names something', code: 'equals-sign',
             fixes: [{title: 'Write `==`', edits: [{from: 12, to: 13, insert: '=='}]},
                     {title: 'Write `=~`', edits: [{from: 12, to: 13, insert: '=~'}]}]}])";
        run(page, problems)?;
        page.css(".cm-words")?;
        page.screenshot("offered")?;
        page.press("Control+.")?;
        wait_for_focus(page, "Write `where`")?;
        page.press("Right")?;
        wait_for_focus(page, "Write `==`")?;
        page.press("Left")?;
        page.press("Enter")?;
        ensure!(run(page, "return editor.text()")? == json!("é\n| where x = 1"));
        wait_for_focus(page, "Tested")?;
        // The other fixes moved along; the one that was made is no more.
        let lost = "return [...document.querySelectorAll('.cm-words-fix')].map((fix) => fix.disabled)";
        page.wait_until("the fix that was made to be gone", || Ok(run(page, lost)? == json!([true, false, false])))?;
        page.press("Alt+Enter")?;
        wait_for_focus(page, "Write `==`")?;
        page.press("Escape")?;
        wait_for_focus(page, "Tested")?;
        page.press("Control+.")?;
        wait_for_focus(page, "Write `==`")?;
        page.press("Right")?;
        wait_for_focus(page, "Write `=~`")?;
        page.press("Enter")?;
        ensure!(run(page, "return editor.text()")? == json!("é\n| where x =~ 1"));
        let undone = "editor.undo(); const once = editor.text(); editor.undo(); return [once, editor.text()]";
        ensure!(run(page, undone)? == json!(["é\n| where x = 1", "é\n| wher x = 1"]));
        // By the list of problems too.
        run(page, problems)?;
        page.press("Control+Shift+m")?;
        let action = page.css(".cm-panel-lint .cm-diagnosticAction")?;
        page.screenshot("list")?;
        action.click()?;
        ensure!(run(page, "return editor.text()")? == json!("é\n| where x = 1"));
        Ok(())
    });
}

#[test]
fn completion_comes_by_key_and_is_taken_by_tab() {
    in_browser("editor-completion", |page| {
        make_editor(page, "")?;
        page.type_text("DeviceP")?;
        let list = page.role("listbox", "Completions")?;
        ensure!(list.text()?.contains("DeviceProcessEvents"), "{}", list.text()?);
        page.wait_for_text("explicit false")?;
        page.screenshot("list")?;
        // CodeMirror takes no choice within 75 ms of showing the list, against accidents.
        std::thread::sleep(std::time::Duration::from_millis(100));
        page.press("Tab")?;
        page.wait_until("the completion", || Ok(run(page, "return editor.text()")? == json!("DeviceProcessEvents")))?;
        page.press("Tab")?;
        let left = "return document.activeElement.getAttribute('aria-label')";
        ensure!(run(page, left)? != json!("Tested"), "Tab without a list leaves the field");
        Ok(())
    });
}

#[test]
fn help_comes_by_key_and_goes_by_escape() {
    in_browser("editor-help", |page| {
        make_editor(page, "é has")?;
        page.press("Control+End")?;
        page.press("Shift+F1")?;
        page.wait_for_text("asked at 6")?;
        page.screenshot("help")?;
        page.press("Escape")?;
        page.wait_until("the help to go", || Ok(page.all_css(".cm-help")?.is_empty()))
    });
}

#[test]
fn the_run_key_runs_and_a_dropped_file_is_left_to_the_page() {
    in_browser("editor-run", |page| {
        make_editor(page, "T")?;
        page.press("Control+Enter")?;
        ensure!(run(page, "return said")? == json!(["run"]));
        run(
            page,
            "addEventListener('dragover', (e) => e.preventDefault()); addEventListener('drop', (e) => said.push(e.dataTransfer.files[0].name))",
        )?;
        page.drop_file(&page.css("[aria-label=Tested]")?, "log.csv", b"a,b\n1,2\n")?;
        page.wait_until("the drop", || Ok(run(page, "return said")? == json!(["run", "log.csv"])))?;
        ensure!(run(page, "return editor.text()")? == json!("T"));
        Ok(())
    });
}
