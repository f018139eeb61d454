//! Conversion of units: `convert_length(1.2, 'Foot', 'Meter')` and its kin.
//!
//! Factors stand in `units.txt`; temperatures, and the tilt of a slope among the angles, are no factors and stand
//! here. Units are named in any case; an unknown one gives null.

use super::{ScalarFunction, args};
use event_table::Value;
use rustc_hash::FxHashMap;
use std::sync::LazyLock;

pub(super) fn implementation(name: &str) -> Option<ScalarFunction> {
    Some(match name {
        "convert_angle" => |_, a| convert(a, "angle"),
        "convert_energy" => |_, a| convert(a, "energy"),
        "convert_force" => |_, a| convert(a, "force"),
        "convert_length" => |_, a| convert(a, "length"),
        "convert_mass" => |_, a| convert(a, "mass"),
        "convert_speed" => |_, a| convert(a, "speed"),
        "convert_volume" => |_, a| convert(a, "volume"),
        "convert_temperature" => |_, a| {
            let kelvin = args::real(a, 0).and_then(|n| to_kelvin(n, &args::text(a, 1)));
            args::or_null(kelvin.and_then(|n| from_kelvin(n, &args::text(a, 2))), Value::Real)
        },
        _ => return None,
    })
}

/// Factors by quantity and unit in lower case.
static FACTORS: LazyLock<FxHashMap<(&'static str, String), f64>> = LazyLock::new(|| {
    include_str!("units.txt").lines().filter(|line| !line.starts_with('#')).filter_map(parse).collect()
});

/// The file is ours and a test reads all of it: a line that says nothing known is passed over.
fn parse(line: &'static str) -> Option<((&'static str, String), f64)> {
    let mut words = line.split(' ');
    let (quantity, unit, factor) = (words.next()?, words.next()?, words.next()?);
    Some(((quantity, unit.to_ascii_lowercase()), factor.parse().ok()?))
}

fn convert(a: &[Value], quantity: &'static str) -> Value {
    let [from, to] = [1, 2].map(|index| args::text(a, index).to_ascii_lowercase());
    let factor = |unit: &str| FACTORS.get(&(quantity, unit.to_owned())).copied();
    let converted = args::real(a, 0).and_then(|n| {
        let base = match (quantity, &*from) {
            _ if from == to => return factor(&from).or((from == "tilt").then_some(1.0)).map(|_| n),
            ("angle", "tilt") => n.asin().to_degrees(),
            _ => n * factor(&from)?,
        };
        Some(match (quantity, &*to) {
            ("angle", "tilt") => base.to_radians().sin(),
            _ => base / factor(&to)?,
        })
    });
    args::or_null(converted, Value::Real)
}

fn to_kelvin(n: f64, unit: &str) -> Option<f64> {
    Some(match unit.to_ascii_lowercase().as_str() {
        "kelvin" => n,
        "degreecelsius" => n + 273.15,
        "millidegreecelsius" => n / 1000.0 + 273.15,
        "degreefahrenheit" => (n + 459.67) * 5.0 / 9.0,
        "degreerankine" => n * 5.0 / 9.0,
        "degreedelisle" => 373.15 - n * 2.0 / 3.0,
        "degreenewton" => n * 100.0 / 33.0 + 273.15,
        "degreereaumur" => n * 5.0 / 4.0 + 273.15,
        "degreeroemer" => (n - 7.5) * 40.0 / 21.0 + 273.15,
        "solartemperature" => n * 5778.0,
        _ => return None,
    })
}

fn from_kelvin(n: f64, unit: &str) -> Option<f64> {
    Some(match unit.to_ascii_lowercase().as_str() {
        "kelvin" => n,
        "degreecelsius" => n - 273.15,
        "millidegreecelsius" => (n - 273.15) * 1000.0,
        "degreefahrenheit" => n * 9.0 / 5.0 - 459.67,
        "degreerankine" => n * 9.0 / 5.0,
        "degreedelisle" => (373.15 - n) * 3.0 / 2.0,
        "degreenewton" => (n - 273.15) * 33.0 / 100.0,
        "degreereaumur" => (n - 273.15) * 4.0 / 5.0,
        "degreeroemer" => (n - 273.15) * 21.0 / 40.0 + 7.5,
        "solartemperature" => n / 5778.0,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::super::testing::call;
    use super::*;
    use crate::facts::{self, FunctionKind};
    use event_table::ColumnType;

    fn converted(quantity: &str, n: f64, from: &str, to: &str) -> Option<f64> {
        let arguments = [Value::Real(n), Value::string(from), Value::string(to)];
        args::real(&[call(&format!("convert_{quantity}"), ColumnType::Real, &arguments)], 0)
    }

    #[test]
    fn every_line_of_the_table_is_read() {
        let lines: Vec<_> = include_str!("units.txt").lines().filter(|line| !line.starts_with('#')).collect();
        assert!(lines.iter().all(|line| parse(line).is_some()));
        assert_eq!(FACTORS.len(), lines.len());
    }

    /// The first of each quantity is the example of its page; the rest are definitions.
    #[test]
    fn units_are_converted() {
        for (quantity, n, from, to, expected) in [
            ("angle", 1.2, "Degree", "Arcminute", 72.0),
            ("angle", 1.0, "Revolution", "Radian", std::f64::consts::TAU),
            ("angle", 0.5, "Tilt", "degree", 30.0),
            ("angle", 90.0, "Degree", "Tilt", 1.0),
            ("energy", 1.2, "Joule", "BritishThermalUnit", 0.001_137_380_544_375_98),
            ("energy", 1.0, "KilowattHour", "Megajoule", 3.6),
            ("force", 1.2, "Decanewton", "Newton", 12.0),
            ("length", 1.2, "Foot", "Meter", 0.36576),
            ("length", 1.0, "Mile", "Yard", 1760.0),
            ("mass", 1.2, "Pound", "Kilogram", 0.544_310_844),
            ("mass", 1.0, "Stone", "Pound", 14.0),
            ("speed", 1.2, "MeterPerSecond", "CentimeterPerHour", 432_000.0),
            ("speed", 1.0, "Knot", "KilometerPerHour", 1.852),
            ("volume", 1.2, "CubicMeter", "AcreFoot", 0.000_972_856_8),
            ("volume", 1.0, "UsGallon", "UsTeaspoon", 768.0),
            ("volume", 1.0, "ImperialGallon", "ImperialOunce", 160.0),
            ("temperature", 1.2, "Kelvin", "DegreeCelsius", -271.95),
            ("temperature", 100.0, "DegreeCelsius", "DegreeFahrenheit", 212.0),
            ("temperature", 0.0, "DegreeDelisle", "DegreeReaumur", 80.0),
            ("temperature", 60.0, "DegreeRoemer", "DegreeNewton", 33.0),
        ] {
            let found = converted(quantity, n, from, to).unwrap();
            assert!((found - expected).abs() <= 1e-12 * expected.abs().max(1.0), "{n} {from} in {to}: {found}");
        }
        assert_eq!(converted("length", 1.0, "Foot", "Pound"), None);
        assert_eq!(converted("length", 1.0, "x", "x"), None);
        assert_eq!(converted("temperature", 1.0, "Kelvin", "x"), None);
    }

    #[test]
    fn every_documented_unit_goes_there_and_back() {
        for quantity in ["angle", "energy", "force", "length", "mass", "speed", "temperature", "volume"] {
            let function = facts::find(&format!("convert_{quantity}"), FunctionKind::Scalar).unwrap();
            let units = &function.signatures[0].parameters[1].values;
            assert!(units.len() > 8, "{quantity}");
            for unit in units {
                let there = converted(quantity, 0.5, unit, units[0]).unwrap_or_else(|| panic!("{unit}"));
                let back = converted(quantity, there, units[0], unit).unwrap();
                assert!((back - 0.5).abs() < 1e-9, "{unit}: {back}");
            }
        }
    }
}
