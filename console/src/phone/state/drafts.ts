/** What was being written in each chat, kept while the page lives. */
export const drafts = new Map<string, string>();
