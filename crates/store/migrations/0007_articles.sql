-- The knowledge base: what helps, by the error codes and symptoms it helps with.

create table articles (
    id text primary key,
    -- The name of its folder; how a flow or another article names it.
    slug text not null unique,
    -- JSON lists, as they were written.
    products text not null,
    codes text not null,
    -- `folder` or `console`.
    origin text not null,
    is_published boolean not null,
    helped bigint not null default 0,
    did_not_help bigint not null default 0,
    created_at bigint not null,
    updated_at bigint not null
);

-- An article in one language.
create table article_texts (
    article_id text not null references articles (id),
    language text not null,
    title text not null,
    symptoms text not null,
    -- Markdown.
    body text not null,
    primary key (article_id, language)
);

-- By what an article is found: one plain index serves both engines, so that both find and rank alike and every match
-- can be named.
create table article_words (
    word text {bytewise} not null,
    article_id text not null references articles (id),
    -- Empty for what holds in every language: a code, a product.
    language text not null,
    -- Where it stands: `code`, `product`, `title`, `symptom` or `body`.
    place text not null,
    primary key (word, article_id, language, place)
);
create index article_words_by_article on article_words (article_id);

-- The pictures of an article: files of the house, each sent to many.
create table article_pictures (
    article_id text not null references articles (id),
    name text not null,
    attachment_id text not null references attachments (id),
    primary key (article_id, name)
);

-- A file of the house that stands in a conversation: its bytes stay the house's.
alter table attachments add column is_shared boolean not null default false;

-- The article that a run suggested last, until it is known whether it helped. No foreign key: it may be deleted meanwhile.
alter table flow_runs add column suggested_article_id text;
