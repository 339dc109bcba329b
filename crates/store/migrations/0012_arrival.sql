-- Messages of one second stand in the order in which they came. Their channel's id, by which they stood, says nothing of
-- it; ours was given when they were read, one after the other.

update messages set position = id where position <> id;
