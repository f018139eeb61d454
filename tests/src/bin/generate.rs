//! Writes a generated Defender CSV to standard output: `generate ROWS SEED > file.csv`.

use std::io::Write;
use std::process::ExitCode;

fn main() -> ExitCode {
    let numbers: Option<Vec<u64>> = std::env::args().skip(1).map(|argument| argument.parse().ok()).collect();
    let Some([rows, seed]) = numbers.as_deref() else {
        let _ = writeln!(std::io::stderr(), "usage: generate ROWS SEED > file.csv");
        return ExitCode::from(2);
    };
    match system_tests::generator::write_csv(*rows, *seed, &mut std::io::stdout().lock()) {
        Ok(_) => ExitCode::SUCCESS,
        Err(error) => {
            let _ = writeln!(std::io::stderr(), "generate: {error}");
            ExitCode::FAILURE
        }
    }
}
