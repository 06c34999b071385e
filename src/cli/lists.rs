//! What the list flags, `completions` and `man` print. Writes to what it is given; never to the terminal by itself.

use std::io::{self, Write};

use clap::CommandFactory;

use super::{Cli, List};
use crate::config::{Config, PRESETS};
use crate::input::listing;

/// Prints a list, one a line, the name first.
///
/// # Errors
/// When `out` cannot be written.
pub fn print(
    list: List,
    config: &Config,
    themes: &[String],
    layouts: &[(String, String)],
    out: &mut impl Write,
) -> io::Result<()> {
    match list {
        List::Keys => out.write_all(listing::list_keys(&config.keymap).as_bytes()),
        List::Actions => out.write_all(listing::list_actions().as_bytes()),
        List::Presets => PRESETS
            .iter()
            .try_for_each(|preset| writeln!(out, "{:8}{}", preset.name, preset.doc)),
        List::Layouts => {
            let longest = layouts.iter().map(|(name, _)| name.chars().count()).max();
            let wide = longest.unwrap_or(0).max(6) + 2;
            layouts
                .iter()
                .try_for_each(|(name, words)| writeln!(out, "{name:wide$}{words}"))
        }
        List::Themes => themes.iter().try_for_each(|name| writeln!(out, "{name}")),
        List::Config => out.write_all(config.print().as_bytes()),
    }
}

/// Prints the completions for a shell.
///
/// # Errors
/// When `out` cannot be written.
pub fn completions(shell: clap_complete::Shell, out: &mut impl Write) -> io::Result<()> {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Cli::command(), "lancet", &mut script);
    out.write_all(&script)
}

/// Prints the manual page, commands included.
///
/// # Errors
/// When `out` cannot be written.
pub fn man(out: &mut impl Write) -> io::Result<()> {
    let command = Cli::command();
    clap_mangen::Man::new(command.clone()).render(out)?;
    for sub in command.get_subcommands() {
        let name = format!("lancet {}", sub.get_name());
        let page = clap_mangen::Man::new(sub.clone().display_name(&name).bin_name(&name));
        page.render_synopsis_section(out)?;
        page.render_options_section(out)?;
    }
    Ok(())
}
