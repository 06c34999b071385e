//! Temporary: `lancet sim` alone.
fn main() {
    let mut options = lancet::sim::Options::default();
    let mut args = std::env::args().skip(2);
    let mut json = false;
    while let Some(arg) = args.next() {
        let mut value = || args.next().unwrap_or_default();
        match arg.as_str() {
            "--json" => json = true,
            "--listen" => options.listen = value().parse().ok(),
            "--seed" => options.seed = value().parse().ok(),
            "--fault" => match value().parse() {
                Ok(fault) => options.faults.push(fault),
                Err(error) => {
                    eprintln!("{error}");
                    std::process::exit(2);
                }
            },
            other => panic!("{other}"),
        }
    }
    if let Err(error) = lancet::sim::run_command(options, json) {
        eprintln!("{error}");
        std::process::exit(1);
    }
}
