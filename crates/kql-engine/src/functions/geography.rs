//! Distances and geohashes on the earth.
//!
//! The pages measure on a sphere; its radius is that with which their example comes out to the last digit. **Our
//! choice**: letters of a geohash are small ones.

use super::{ScalarFunction, args};
use event_table::{Bag, Dynamic, Value};

/// Metres.
const EARTH_RADIUS: f64 = 6_371_010.0;
/// Five bits a digit (geohash).
const DIGITS: &[u8; 32] = b"0123456789bcdefghjkmnpqrstuvwxyz";
/// The most digits (`geo-point-to-geohash-function`).
const MOST_DIGITS: usize = 18;

pub(super) fn implementation(name: &str) -> Option<ScalarFunction> {
    Some(match name {
        "geo_distance_2points" => {
            |_, a| args::or_null(place(a, 0).zip(place(a, 2)), |(x, y)| Value::Real(distance(x, y)))
        }
        "geo_point_in_circle" => |_, a| {
            let radius = args::real(a, 4).filter(|radius| *radius > 0.0 && radius.is_finite());
            let circle = place(a, 0).zip(place(a, 2)).zip(radius);
            args::or_null(circle, |((x, center), radius)| Value::Bool(distance(x, center) <= radius))
        },
        "geo_point_to_geohash" => |_, a| {
            let digits = if a.len() < 3 { Some(5) } else { args::long(a, 2) };
            let digits = digits.and_then(|n| usize::try_from(n).ok()).filter(|n| (1..=MOST_DIGITS).contains(n));
            args::string(place(a, 0).zip(digits).map(|(place, digits)| geohash(place, digits)).unwrap_or_default())
        },
        "geo_geohash_to_central_point" => |_, a| {
            let Some(center) = center(&args::text(a, 0)) else { return Value::Null };
            let coordinates = Dynamic::Array(vec![Dynamic::Real(center.longitude), Dynamic::Real(center.latitude)]);
            Value::dynamic(Dynamic::Bag(Bag::from_iter([
                ("type".into(), args::text_element("Point")),
                ("coordinates".into(), coordinates),
            ])))
        },
        _ => return None,
    })
}

/// Degrees.
#[derive(Clone, Copy)]
struct Place {
    longitude: f64,
    latitude: f64,
}

/// Two arguments as a place; `None` where they are none.
fn place(a: &[Value], first: usize) -> Option<Place> {
    let (longitude, latitude) = (args::real(a, first)?, args::real(a, first + 1)?);
    let is_on_earth = (-180.0..=180.0).contains(&longitude) && (-90.0..=90.0).contains(&latitude);
    is_on_earth.then_some(Place { longitude, latitude })
}

/// Metres along the great circle, by the haversine.
fn distance(x: Place, y: Place) -> f64 {
    let [x_lat, y_lat] = [x, y].map(|place| place.latitude.to_radians());
    let half = |from: f64, to: f64| libm::sin((to - from) / 2.0).powi(2);
    let across = half(x.longitude.to_radians(), y.longitude.to_radians());
    let part = half(x_lat, y_lat) + libm::cos(x_lat) * libm::cos(y_lat) * across;
    2.0 * EARTH_RADIUS * libm::atan2(part.sqrt(), (1.0 - part).max(0.0).sqrt())
}

/// The longitude and the latitude that are left of the earth.
struct Area {
    sides: [(f64, f64); 2],
}

impl Area {
    const EARTH: Self = Self { sides: [(-180.0, 180.0), (-90.0, 90.0)] };

    fn middle(&self, side: usize) -> f64 {
        f64::midpoint(self.sides[side].0, self.sides[side].1)
    }

    /// Keeps one half of a side.
    fn halve(&mut self, side: usize, is_upper: bool) {
        let middle = self.middle(side);
        let (from, to) = &mut self.sides[side];
        *(if is_upper { from } else { to }) = middle;
    }
}

fn geohash(place: Place, digits: usize) -> String {
    let coordinates = [place.longitude, place.latitude];
    let mut area = Area::EARTH;
    let mut bit = 0;
    let digit = |_| {
        let mut number = 0;
        for _ in 0..5 {
            // Bits of longitude and latitude take turns.
            let side = bit % 2;
            let is_upper = coordinates[side] >= area.middle(side);
            area.halve(side, is_upper);
            number = number * 2 + usize::from(is_upper);
            bit += 1;
        }
        char::from(DIGITS[number])
    };
    (0..digits).map(digit).collect()
}

/// The middle of a geohash; `None` when it is none.
fn center(geohash: &str) -> Option<Place> {
    if !(1..=MOST_DIGITS).contains(&geohash.len()) {
        return None;
    }
    let mut area = Area::EARTH;
    let mut bit = 0;
    for digit in geohash.bytes() {
        let number = DIGITS.iter().position(|d| *d == digit)?;
        for shift in (0..5).rev() {
            area.halve(bit % 2, number >> shift & 1 == 1);
            bit += 1;
        }
    }
    Some(Place { longitude: area.middle(0), latitude: area.middle(1) })
}

#[cfg(test)]
mod tests {
    use super::super::testing::check;
    use event_table::ColumnType;

    /// From the pages, but for the edges.
    #[test]
    fn places_are_as_the_pages_show() {
        check(
            ColumnType::Real,
            &[
                ("geo_distance_2points", "[-122.407628, 47.578557, -118.275287, 34.019056]", "1546754.3519738095"),
                ("geo_distance_2points", "[300, 1, 1, 1]", "(null)"),
                ("geo_distance_2points", "[0, 91, 1, 1]", "(null)"),
                ("geo_distance_2points", "[12.5, -90, 12.5, -90]", "0.0"),
                ("geo_point_in_circle", "[-122.143564, 47.535677, -122.100896, 47.527351, 3500]", "true"),
                ("geo_point_in_circle", "[-122.137575, 47.630683, -122.100896, 47.527351, 3500]", "false"),
                ("geo_point_in_circle", "[-122.317404, 47.609119, -122.317404, 47.609119, 18000]", "true"),
                ("geo_point_in_circle", "[-123.497688, 47.458098, -122.317404, 47.609119, 18000]", "false"),
                ("geo_point_in_circle", "[-122.201741, 47.677084, -122.317404, 47.609119, 18000]", "true"),
                ("geo_point_in_circle", "[-122.443663, 47.247092, -122.317404, 47.609119, 18000]", "false"),
                ("geo_point_in_circle", "[-122.121975, 47.671345, -122.317404, 47.609119, 18000]", "true"),
                ("geo_point_in_circle", "[200, 1, 1, 1, 1]", "(null)"),
                ("geo_point_in_circle", "[1, 1, 1, 1, -1]", "(null)"),
                ("geo_point_to_geohash", "[139.806115, 35.554128, 12]", "xn76m27ty9g4"),
                ("geo_point_to_geohash", "[-80.195829, 25.802215, 8]", "dhwfz15h"),
                ("geo_point_to_geohash", "[-122.303404, 47.570482]", "c23n8"),
                ("geo_point_to_geohash", "[-122.278156, 47.566936]", "c23n9"),
                ("geo_point_to_geohash", "[200, 1, 8]", ""),
                ("geo_point_to_geohash", "[1, 1, null]", ""),
                ("geo_point_to_geohash", "[1, 1, 19]", ""),
                (
                    "geo_geohash_to_central_point",
                    r#"["sunny"]"#,
                    r#"{"type":"Point","coordinates":[42.47314453125,23.70849609375]}"#,
                ),
                (
                    "geo_geohash_to_central_point",
                    r#"["sv8wzvy7"]"#,
                    r#"{"type":"Point","coordinates":[34.80245590209961,32.15620994567871]}"#,
                ),
                ("geo_geohash_to_central_point", r#"["a"]"#, "(null)"),
                ("geo_geohash_to_central_point", r#"[""]"#, "(null)"),
                ("geo_geohash_to_central_point", r#"["0000000000000000000"]"#, "(null)"),
            ],
        );
    }
}
