//! The films the demo shows. None of them exists.

/// What a film is about; tastes are told by it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Genre {
    Drama,
    Comedy,
    Thriller,
    Horror,
    ScienceFiction,
    Family,
    Romance,
    Documentary,
}

impl Genre {
    pub const COUNT: usize = 8;

    pub fn name(self) -> &'static str {
        match self {
            Self::Drama => "drama",
            Self::Comedy => "comedy",
            Self::Thriller => "thriller",
            Self::Horror => "horror",
            Self::ScienceFiction => "science_fiction",
            Self::Family => "family",
            Self::Romance => "romance",
            Self::Documentary => "documentary",
        }
    }
}

/// A film: title, what it is about, how long it runs, from which age on.
#[derive(Debug)]
pub struct Film {
    pub title: &'static str,
    pub genres: [Genre; 2],
    pub minutes: i64,
    pub age: i64,
}

use Genre::{Comedy, Documentary, Drama, Family, Horror, Romance, ScienceFiction, Thriller};

const fn film(title: &'static str, first: Genre, second: Genre, minutes: i64, age: i64) -> Film {
    Film { title, genres: [first, second], minutes, age }
}

/// In the order of their release, some two weeks apart.
pub const FILMS: [Film; 40] = [
    film("The Salt Road", Drama, Romance, 124, 12),
    film("Paper Moons", Family, Comedy, 96, 0),
    film("Last Train to Narvik", Thriller, Drama, 112, 14),
    film("Orbit of Ash", ScienceFiction, Thriller, 138, 12),
    film("Two Left Feet", Comedy, Romance, 101, 6),
    film("The Cellar Below", Horror, Thriller, 98, 16),
    film("Beekeepers", Documentary, Drama, 87, 0),
    film("Captain Puddle", Family, Comedy, 89, 0),
    film("A Winter in Lisbon", Romance, Drama, 117, 6),
    film("Glass Harbour", Thriller, Drama, 121, 14),
    film("The Clockmaker's Daughter", Family, Drama, 104, 6),
    film("Static", Horror, ScienceFiction, 95, 16),
    film("Grand Hotel Pannonia", Comedy, Drama, 109, 6),
    film("Fathom", ScienceFiction, Drama, 146, 12),
    film("Marigold Street", Drama, Romance, 118, 12),
    film("Otto and the Northern Lights", Family, Comedy, 92, 0),
    film("The Long Audit", Comedy, Thriller, 103, 12),
    film("Hollow Pines", Horror, Drama, 107, 16),
    film("Tides", Documentary, Family, 84, 0),
    film("Seven Doors", Thriller, Horror, 115, 16),
    film("Love, Delayed", Romance, Comedy, 99, 6),
    film("The Lighthouse Thieves", Family, Thriller, 101, 6),
    film("Second Sun", ScienceFiction, Romance, 133, 12),
    film("The Understudy", Drama, Comedy, 111, 12),
    film("Nightshift", Thriller, Drama, 97, 14),
    film("Bramble and Fox", Family, Comedy, 86, 0),
    film("What the River Kept", Drama, Thriller, 127, 14),
    film("Don't Wake the Baker", Comedy, Family, 94, 0),
    film("Red Meridian", ScienceFiction, Thriller, 141, 12),
    film("The Quiet Floor", Horror, Thriller, 102, 16),
    film("Letters to Helsinki", Romance, Drama, 113, 6),
    film("The Concrete Orchestra", Documentary, Comedy, 91, 0),
    film("Dragon Weather", Family, ScienceFiction, 108, 6),
    film("Blackbird Protocol", Thriller, ScienceFiction, 129, 14),
    film("Aunt Ilse Moves In", Comedy, Family, 98, 0),
    film("The Ferryman's Debt", Drama, Horror, 119, 16),
    film("Azores", Romance, Drama, 110, 6),
    film("Pip Saves the Planetarium", Family, ScienceFiction, 93, 0),
    film("Zero Gravity Wedding", Comedy, ScienceFiction, 105, 6),
    film("The Cartographers", Drama, Documentary, 134, 12),
];
