//! Datelines as agencies print them, and what only looks like one.

use super::*;

fn short(text: &str) -> String {
    match read(text, &Context::default()) {
        None => "-".into(),
        Some(line) => {
            let day = line.day.map_or(String::new(), |(year, month, day)| {
                format!(" {}-{month:02}-{day:02}", year.map_or("-".into(), |y| y.to_string()))
            });
            format!("{} [{}]{day} {}", line.place, line.places.join("; "), line.agency.unwrap_or("-"))
        }
    }
}

#[test]
fn datelines_of_many_agencies() {
    for (text, expected) in [
        ("PANAMA CITY (Reuters) – The minister said", "PANAMA CITY [Panama City] Reuters"),
        ("By Ann Example PANAMA CITY (Reuters) – The minister said", "PANAMA CITY [Panama City] Reuters"),
        ("WASHINGTON, Feb 26 - The department said", "WASHINGTON [Washington] --02-26 -"),
        ("NAIROBI, Kenya (AP) _ The river rose", "NAIROBI, Kenya [Nairobi, Kenya] AP"),
        ("Washington (AFP) – The house voted", "Washington [Washington] AFP"),
        ("LONDON/PARIS, May 3 (Reuters) - Markets fell", "LONDON/PARIS [London; Paris] --05-03 Reuters"),
        ("PORTLAND, Ore., Feb 26 - The brewery said", "PORTLAND, Ore. [Portland, Ore.] --02-26 -"),
        ("WHITE PLAINS, N.Y., March 23 - The firm said", "WHITE PLAINS, N.Y. [White Plains, N.Y.] --03-23 -"),
        ("NEW YORK, MARCH 20 - The stock rose", "NEW YORK [New York] --03-20 -"),
        ("NEW YORK, March 119 - The firm is", "NEW YORK [New York] -"),
        ("NEW YORK, Narch 2 - The firm is", "NEW YORK [New York] -"),
        ("PITTSBURGH, MArch 2 - The firm is", "PITTSBURGH [Pittsburgh] --03-02 -"),
        ("LONDON, Mar 2 - The firm is", "LONDON [London] --03-02 -"),
        ("BATON ROUGE, La, March 6 - The firm is", "BATON ROUGE, La [Baton Rouge, La] --03-06 -"),
        ("RENO, Nev., - March 4 - The firm is", "RENO, Nev. [Reno, Nev.] --03-04 -"),
        ("New york, March 2 - The firm is", "New york [New york] --03-02 -"),
        ("ROME, March 13, Reuter - The rate rose", "ROME [Rome] --03-13 Reuters"),
        ("Sydney, March 3 - Money supply rose", "Sydney [Sydney] --03-03 -"),
        ("Dec 29 (Reuters) - The candidate said", " [] --12-29 Reuters"),
        ("NEW YORK, Nov. 19 (UPI) — The former", "NEW YORK [New York] --11-19 UPI"),
        ("KETTLE COUNTY, S.C. (WQXQ) - The ferry", "KETTLE COUNTY, S.C. [Kettle County, S.C.] -"),
        ("KETTLE, Ky. (WQXQ/Quay News) - The ferry", "KETTLE, Ky. [Kettle, Ky.] -"),
        ("KETTLE QUAY (Kettle News Now) — The ferry", "KETTLE QUAY [Kettle Quay] -"),
        ("KETTLE QUAY (KQX.com) — The ferry", "KETTLE QUAY [Kettle Quay] -"),
        ("Berlin (dpa) - Der Bundestag", "Berlin [Berlin] dpa"),
        ("Madrid, 3 may (EFE).- El Gobierno", "Madrid [Madrid] --05-03 EFE"),
        ("RIO DE JANEIRO (AP) — The carnival", "RIO DE JANEIRO [Rio de Janeiro] AP"),
        ("PORT-AU-PRINCE, Haiti (AP) — The port", "PORT-AU-PRINCE, Haiti [Port-au-Prince, Haiti] AP"),
        ("Москва. 20 апреля. INTERFAX.RU - Глава", "Москва [Москва] --04-20 Interfax"),
        ("OSLO — The council", "OSLO [Oslo] -"),
        ("МОСКВА, 20 апр - РИА Новости. Министр", "МОСКВА [Москва] --04-20 -"),
        ("新华社北京4月20日电 外交部", "北京 [北京] --04-20 Xinhua"),
        ("(서울=연합뉴스) 기자", "서울 [서울] Yonhap"),
        ("【ロンドン共同】首相は", "ロンドン [ロンドン] Kyodo"),
        ("ПРИМЕРСК, 11 марта. /ТАСС/. Новый мост", "ПРИМЕРСК [Примерск] --03-11 TASS"),
        ("(ANSA) - ROMA, 03 MAR - Il consiglio", "ROMA [Roma] --03-03 ANSA"),
        ("(ANSA) - Il consiglio - che", " [] ANSA"),
        ("TOKYO (Kyodo) -- The council", "TOKYO [Tokyo] Kyodo"),
        ("TOKYO (Kyodo) The council", "TOKYO [Tokyo] Kyodo"),
        ("New Delhi, Mar 3 (PTI) The council", "New Delhi [New Delhi] --03-03 PTI"),
        ("New Delhi (PTI) “We stay", "New Delhi [New Delhi] PTI"),
        ("The Associated Press (AP) President Ann Example", "-"),
        ("Ann Example (AP) The council", "-"),
        ("NEW YORK--(BUSINESS WIRE)--The firm said", "NEW YORK [New York] Business Wire"),
        ("AUSTIN, Texas--(BUSINESS WIRE)--The firm said", "AUSTIN, Texas [Austin, Texas] Business Wire"),
        ("RENO, Nev., March 3, 2026 /PRNewswire/ -- The firm", "RENO, Nev. [Reno, Nev.] 2026-03-03 PR Newswire"),
        ("NEW YORK, June 04, 2026 (GLOBE NEWSWIRE) -- The", "NEW YORK [New York] 2026-06-04 GlobeNewswire"),
        ("LONDON: The council", "LONDON [London] -"),
        ("Nairobi, Kenya (CNN) — The river", "Nairobi, Kenya [Nairobi, Kenya] -"),
        ("Ann Example (CEO) — The firm", "-"),
        ("SAMPLEWARE: The firm", "-"),
        ("London: The council", "-"),
        ("LONDON: the council", "-"),
        ("ST. JOHN'S, N.L. — The council", "ST. JOHN'S, N.L. [St. John's, N.L.] -"),
        ("FT. EXAMPLE, Fla., May 3 - The base", "FT. EXAMPLE, Fla. [Ft. Example, Fla.] --05-03 -"),
        ("The plan — which was new — failed", "-"),
        ("WATCH - the video", "-"),
        ("BREAKING — a fire", "-"),
        ("A well-known man said so", "-"),
        ("I am - he said", "-"),
        ("", "-"),
    ] {
        assert_eq!(short(text), expected, "{text}");
    }
}

#[test]
fn a_byline_before_the_place_is_kept() {
    let line = read("By Ann Example and Bob Sample NEW DELHI, April 3 (Reuters) - Rain", &Context::default()).unwrap();
    assert_eq!(line.byline.as_deref(), Some("Ann Example and Bob Sample"));
}
