//! Names, roles and organisations as bylines print them.

use super::*;

fn names(byline: &str) -> String {
    people(byline)
        .iter()
        .map(|author| match &author.role {
            Some(role) => format!("{} [{role}]", author.name),
            None => author.name.clone(),
        })
        .collect::<Vec<_>>()
        .join("; ")
}

#[test]
fn bylines_in_many_forms() {
    for (byline, expected) in [
        ("By Ann Example", "Ann Example"),
        ("by Ann Example and Bob Sample", "Ann Example; Bob Sample"),
        ("By Ann Example, Bob Sample and Cy Third", "Ann Example; Bob Sample; Cy Third"),
        ("BY ANN EXAMPLE, REUTERS", "Ann Example"),
        ("ByAnn Example", "Ann Example"),
        ("By Ann O'EXAMPLE", "Ann O'EXAMPLE"),
        ("BY ANN O'EXAMPLE", "Ann O'Example"),
        ("By Ann Example, Political Correspondent", "Ann Example [Political Correspondent]"),
        ("By Ann Example Political Correspondent", "Ann Example [Political Correspondent]"),
        ("Ann Example, The Associated Press", "Ann Example"),
        ("Associated Press writer", ""),
        ("By Staff", ""),
        ("By Reuters Staff", ""),
        ("By The Associated Press", ""),
        ("Written by Ann Example", "Ann Example"),
        ("Von Anna Beispiel und Bernd Muster", "Anna Beispiel; Bernd Muster"),
        ("Veröffentlicht von Anna Beispiel", "Anna Beispiel"),
        ("Par Anne Exemple et Benoît Modèle", "Anne Exemple; Benoît Modèle"),
        ("Por Ana Ejemplo y Beto Muestra", "Ana Ejemplo; Beto Muestra"),
        ("Di Anna Esempio e Bruno Modello", "Anna Esempio; Bruno Modello"),
        ("Door Anna van den Voorbeeld en Bart de Proef", "Anna van den Voorbeeld; Bart de Proef"),
        ("Av Anna Exempel och Bo Prov", "Anna Exempel; Bo Prov"),
        ("Автор: Анна Примерова", "Анна Примерова"),
        ("Autor: Jan Przykład", "Jan Przykład"),
        ("记者：王小明", "王小明"),
        ("Ann Example @annexample", "Ann Example"),
        ("By ANN EXAMPLE aexample@desk.example", "Ann Example"),
        ("Ann Example (aexample@desk.example)", "Ann Example"),
        ("By Ann Example aexample@desk.example and Bob Sample bob@desk.example", "Ann Example; Bob Sample"),
        ("aexample@desk.example", ""),
        ("Ann Example in Rome; Editing by Bob Sample and Cy Third", "Ann Example"),
        ("송고시간", ""),
        ("입력", ""),
        ("김예시 특파원", "김예시"),
        ("김예시 기자", "김예시"),
        ("Ann Example for The Daily Desk", "Ann Example"),
        ("Ann Example | Bob Sample", "Ann Example; Bob Sample"),
        ("Ann Example, Ann Example", "Ann Example"),
        ("Dr. Ann Example", "Ann Example"),
        ("Ann Example Springfield Gazette", "Ann Example"),
        ("Ann Example in Rome and Bob Sample in Oslo", "Ann Example; Bob Sample"),
        ("José Ortega y Gasset", "José Ortega y Gasset"),
        ("Jeanne d’Exemple", "Jeanne d’Exemple"),
        ("Byron Example", "Byron Example"),
        ("Di Example", "Di Example"),
        ("Dan Example", "Dan Example"),
        ("By Ann ExamplePublished: ", "Ann Example"),
        ("Ann ExampleWriter", "Ann Example [Writer]"),
        ("Ann McExample", "Ann McExample"),
        ("Ann Example Jr.", "Ann Example Jr"),
        ("By A. J. Example", "A. J. Example"),
        ("Ann Example, Senior Director, Bridges", "Ann Example [Senior Director]"),
        ("By Ann Example, Reviewed by Bob Sample", "Ann Example"),
        ("Ann ExampleFact checked by Bob Sample", "Ann Example"),
        ("Medically reviewed by Bob Sample", ""),
        ("By Ann Example Photographs by Bob Sample", "Ann Example"),
        ("بقلم: آن مثال", "آن مثال"),
        ("\u{200f}מאת: דנה דוגמה\u{200f}", "דנה דוגמה"),
        ("Ann \u{202e}elpmaxE", ""),
        ("https://example.com/authors/ann", ""),
        ("Anna Beispiel (Text) und Bernd Muster (Fotos)", "Anna Beispiel"),
        ("Anna Beispiel (Fotos)", "Anna Beispiel"),
        ("Publié le", ""),
        ("Par Anne Exemple, Publié le", "Anne Exemple"),
        ("Publié par Anne Exemple le", "Anne Exemple"),
        ("Von Anna BeispielVeröffentlicht am", "Anna Beispiel"),
        ("Ein Kommentar von Anna Beispiel", "Anna Beispiel"),
        ("Gastbeitrag von Dr. Anna Beispiel", "Anna Beispiel"),
        ("Entrevista de Ana Ejemplo", "Ana Ejemplo"),
        ("Propos recueillis par Anne Exemple et Benoît Modèle", "Anne Exemple; Benoît Modèle"),
        ("Rozmawiała Anna Przykład", "Anna Przykład"),
        ("Беседовала Анна Примерова", "Анна Примерова"),
        ("Γράφει ο Άρης Παράδειγμα", "Άρης Παράδειγμα"),
        ("Le Sample avec AFP", ""),
        ("Haber Merkezi", ""),
        ("Agência Exemplo", ""),
        ("Ana Exemplo, da Folhapress", "Ana Exemplo"),
        ("社会", ""),
        ("港口日报", ""),
        ("서해일보 김예시 기자", "김예시"),
        ("사회입력", ""),
        ("승인", ""),
        ("디지털뉴스팀", ""),
        ("本报讯", ""),
        ("シェア", ""),
        ("Von unseren Redakteuren Anna Beispiel und Bernd Muster", "Anna Beispiel; Bernd Muster"),
        ("Repórter: Ana Exemplo", "Ana Exemplo"),
        ("Escriben: Ana Ejemplo y Benito Modelo", "Ana Ejemplo; Benito Modelo"),
        ("By Ann Example Courier Staff Writer", "Ann Example [Staff Writer]"),
        ("By ANN EXAMPLE Courier Reporter", "Ann Example [Reporter]"),
        ("By Ann Example Herald-Citizen Staff Writer", "Ann Example [Staff Writer]"),
        ("By Ann Example aexample@desk.example Twitter: @annexample", "Ann Example"),
        ("", ""),
    ] {
        assert_eq!(names(byline), expected, "{byline}");
    }
}

#[test]
fn given_names_are_sorted_and_none_is_twice() {
    let names: Vec<_> =
        table::lines(include_str!("../../data/first-names.txt")).flat_map(str::split_whitespace).collect();
    assert!(names.len() > 5_000);
    assert!(names.windows(2).all(|pair| pair[0] < pair[1]));
}

#[test]
fn ten_thousand_authors_are_bounded() {
    assert!(people(&"Ann Example, ".repeat(10_000)).len() <= MAX_PEOPLE);
}

#[test]
fn no_list_is_empty_or_holds_an_empty_word() {
    for (key, values) in table::groups(WORDS) {
        assert!(!values.is_empty(), "{key}");
        assert!(values.iter().all(|value| !value.is_empty() && *value == value.to_lowercase()), "{key}");
    }
}
