//! The knowledge base: what leads to an article, and what does not.

use std::collections::BTreeMap;

use store::articles::{self, Text, Written};

use crate::{NOON, World, on_each_engine};

async fn put(world: &World, slug: &str, codes: &[&str], texts: &[(&str, &str, &str, &str)]) {
    let texts: BTreeMap<String, Text> = texts
        .iter()
        .map(|(language, title, symptoms, body)| {
            let text = Text {
                title: (*title).to_owned(),
                symptoms: (*symptoms).to_owned(),
                body: (*body).to_owned(),
            };
            ((*language).to_owned(), text)
        })
        .collect();
    let codes: Vec<String> = codes.iter().map(|code| (*code).to_owned()).collect();
    let written = Written {
        slug,
        products: &["WX-700".to_owned()],
        codes: &codes,
        origin: "folder",
        is_published: slug != "draft",
        texts: &texts,
    };
    let mut tx = world.db.begin().await.unwrap();
    articles::put(&mut tx, &world.ids, &written, NOON).await.unwrap();
    tx.commit().await.unwrap();
}

/// The slugs that a search finds, the best first, and whether the first may be suggested by itself.
async fn search(world: &World, query: &str, language: &str) -> (Vec<String>, bool) {
    let found = articles::search(&world.db, query, language, 10).await.unwrap();
    let mut slugs = Vec::new();
    for hit in &found {
        slugs.push(articles::get(&world.db, &hit.id).await.unwrap().unwrap().slug);
    }
    (slugs, found.first().is_some_and(articles::Found::is_sure))
}

#[tokio::test]
async fn an_article_is_found_by_code_and_by_words_of_its_language() {
    on_each_engine(async |world| {
        let drain = [
            ("en", "The water stays in the drum", "washer does not drain", "Clean the filter."),
            ("it", "L'acqua resta nel cestello", "la lavatrice non scarica", "Pulisca il filtro."),
        ];
        put(world, "drain", &["E20", "F-21"], &drain).await;
        put(world, "door", &["E40"], &[("en", "The door does not close", "door open", "Push the door.")])
            .await;
        put(world, "draft", &["E20"], &[("en", "Not yet", "", "")]).await;
        for (query, language, expect, sure) in [
            ("E20", "en", vec!["drain"], true),
            ("e 20 on the display", "en", vec![], false),
            ("F21", "hi", vec!["drain"], true),
            ("f-21 washer", "en", vec!["drain"], true),
            ("my washing machine is not draining", "en", vec!["drain"], false),
            ("washers that do not drain", "en", vec!["drain"], true),
            ("lavatrici che non scaricano", "it", vec!["drain"], true),
            ("the door", "en", vec!["door"], false),
            ("what does the machine say", "en", vec![], false),
            ("closing the door", "en", vec!["door"], true),
            ("filter", "en", vec!["drain"], false),
            ("nothing of the kind", "en", vec![], false),
            ("", "en", vec![], false),
        ] {
            let (found, is_sure) = search(world, query, language).await;
            assert_eq!((found, is_sure), (expect.iter().map(|s| (*s).to_owned()).collect(), sure), "{query}");
        }
        // Changed: what it was found by before leads nowhere.
        put(world, "drain", &["E99"], &[("en", "Other", "", "")]).await;
        assert_eq!(search(world, "E20", "en").await.0, Vec::<String>::new());
        assert_eq!(search(world, "e99", "en").await.0, ["drain"]);

        let all = articles::list(&world.db).await.unwrap();
        assert_eq!(all.iter().map(|a| a.slug.as_str()).collect::<Vec<_>>(), ["door", "draft", "drain"]);
        let mut tx = world.db.begin().await.unwrap();
        articles::count(&mut tx, &all[0].id, true).await.unwrap();
        articles::count(&mut tx, &all[0].id, false).await.unwrap();
        assert!(articles::delete(&mut tx, &all[2].id).await.unwrap());
        assert!(!articles::delete(&mut tx, &all[2].id).await.unwrap());
        tx.commit().await.unwrap();
        let door = articles::get(&world.db, &all[0].id).await.unwrap().unwrap();
        assert_eq!((door.helped, door.did_not_help), (1, 1));
        assert_eq!(search(world, "e99", "en").await.0, Vec::<String>::new());
    })
    .await;
}
