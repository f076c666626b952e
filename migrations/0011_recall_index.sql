-- The index of old turns (src/store/recall-schema.ts). Whoever changes what recall_terms makes of a
-- text empties the three tables in the same migration: they are filled again from the turns.

-- Lower case whatever the database's locale, one kind of apostrophe, no other signs.
CREATE FUNCTION recall_fold(said text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT CASE WHEN octet_length(said) = length(said) THEN lower(left(said, 20000))
    ELSE regexp_replace(
      translate(lower(normalize(left(said, 20000), NFKC)), 'ÀÁÂÃÄÅÆÇÈÉÊËÌÍÎÏÐÑÒÓÔÕÖØÙÚÛÜÝÞĀĂĄĆĈĊČĎĐĒĔĖĘĚĜĞĠĢĤĦĨĪĬĮĲĴĶĹĻĽĿŁŃŅŇŊŌŎŐŒŔŖŘŚŜŞŠŢŤŦŨŪŬŮŰŲŴŶŸŹŻŽΆΈΉΊΌΎΏΑΒΓΔΕΖΗΘΙΚΛΜΝΞΟΠΡΣΤΥΦΧΨΩΪЀЁЂЃЄЅІЇЈЉЊЋЌЍЎЏАБВГДЕЖЗИЙКЛМНОПРСТУФХЦЧШЩЪЫЬЭЮЯѠѢѤѦѨѪѬѮѰѲѴѶѸѺѼѾҀҊҌҎҐҒҔҖҘҚҜҞҠҢҤҦҨҪҬҮҰҲҴҶҸҺҼҾӀӁӃӅӇӉӋӍӐӒӔӖӘӚӜӞӠӢӤӦӨӪӬӮӰӲӴӶӸӺӼӾԀԂԄԆԈԊԌԎԐԒԔԖԘԚԜԞԠԢԤԦԨԪԬԮԱԲԳԴԵԶԷԸԹԺԻԼԽԾԿՀՁՂՃՄՅՆՇՈՉՊՋՌՍՎՏՐՑՒՓՔՕՖ’', 'àáâãäåæçèéêëìíîïðñòóôõöøùúûüýþāăąćĉċčďđēĕėęěĝğġģĥħĩīĭįĳĵķĺļľŀłńņňŋōŏőœŕŗřśŝşšţťŧũūŭůűųŵŷÿźżžάέήίόύώαβγδεζηθικλμνξοπρστυφχψωϊѐёђѓєѕіїјљњћќѝўџабвгдежзийклмнопрстуфхцчшщъыьэюяѡѣѥѧѩѫѭѯѱѳѵѷѹѻѽѿҁҋҍҏґғҕҗҙқҝҟҡңҥҧҩҫҭүұҳҵҷҹһҽҿӏӂӄӆӈӊӌӎӑӓӕӗәӛӝӟӡӣӥӧөӫӭӯӱӳӵӷӹӻӽӿԁԃԅԇԉԋԍԏԑԓԕԗԙԛԝԟԡԣԥԧԩԫԭԯաբգդեզէըթժիլխծկհձղճմյնշոչպջռսվտրցւփքօֆ'''),
      '[\u2000-\u206F\u2190-\u2BFF\u3000-\u303F\uFE00-\uFE0F\U0001F000-\U0001FAFF]+', ' ', 'g') END
$$;
--> statement-breakpoint
-- The configuration whose stop words are the most in a folded text; English where there are none.
CREATE FUNCTION recall_language(folded text) RETURNS text LANGUAGE plpgsql STABLE AS $$
DECLARE
  words text[];
  found text;
BEGIN
  CASE
    WHEN octet_length(folded) = length(folded) THEN
      words := regexp_split_to_array(folded, '[^a-z]+');
    WHEN folded ~ '[\u0400-\u04FF]' THEN RETURN 'russian';
    WHEN folded ~ '[\u0370-\u03FF]' THEN RETURN 'greek';
    WHEN folded ~ '[\u0600-\u06FF]' THEN RETURN 'arabic';
    WHEN folded ~ '[\u0900-\u097F]' THEN RETURN 'hindi';
    WHEN folded ~ '[\u0B80-\u0BFF]' THEN RETURN 'tamil';
    WHEN folded ~ '[\u0530-\u058F]' THEN RETURN 'armenian';
    ELSE words := regexp_split_to_array(folded, '[^a-z\u00DF-\u024F]+');
  END CASE;
  IF (SELECT count(*) FILTER (WHERE ts_lexize('english_stem', word) = '{}') * 3 >= count(*)
      FROM unnest(words) word) THEN
    RETURN 'english';
  END IF;
  SELECT language INTO found
  FROM unnest(ARRAY['english', 'german', 'french', 'spanish', 'portuguese', 'italian', 'dutch',
    'swedish', 'norwegian', 'danish', 'finnish', 'hungarian', 'turkish'])
    WITH ORDINALITY known (language, rank)
  CROSS JOIN LATERAL (SELECT count(*) AS hits FROM unnest(words) word
    WHERE ts_lexize((language || '_stem')::regdictionary, word) = '{}') stops
  ORDER BY hits DESC, rank LIMIT 1;
  RETURN found;
END
$$;
--> statement-breakpoint
-- The stems of a folded text with the place of each word in it; of scripts that put no spaces
-- between words, every two neighbouring letters.
CREATE FUNCTION recall_stems(folded text, language text)
RETURNS TABLE (word integer, term text) LANGUAGE sql STABLE AS $$
  SELECT stem.positions[1]::integer, left(stem.lexeme, 64)
  FROM unnest(to_tsvector(language::regconfig,
    CASE WHEN octet_length(folded) = length(folded) THEN folded
    ELSE regexp_replace(
      CASE language WHEN 'english'
        THEN regexp_replace(normalize(folded, NFD), '[\u0300-\u036F]+', '', 'g') ELSE folded END,
      '[\u0E00-\u0EFF\u1000-\u109F\u1780-\u17FF\u3040-\u30FF\u3400-\u4DBF\u4E00-\u9FFF\uAC00-\uD7AF]+',
      ' ', 'g') END)) stem
  UNION ALL
  SELECT (100000 + 1000 * run.number + start)::integer, substr(run.letters[1], start, 2)
  FROM regexp_matches(CASE WHEN octet_length(folded) = length(folded) THEN '' ELSE folded END,
    '[\u0E00-\u0EFF\u1000-\u109F\u1780-\u17FF\u3040-\u30FF\u3400-\u4DBF\u4E00-\u9FFF\uAC00-\uD7AF]+',
    'g') WITH ORDINALITY run (letters, number)
  CROSS JOIN LATERAL generate_series(1, greatest(1, length(run.letters[1]) - 1)) start
$$;
--> statement-breakpoint
CREATE FUNCTION recall_terms(folded text, language text, speaker text) RETURNS text[]
LANGUAGE sql STABLE AS $$
  SELECT coalesce(array_agg(DISTINCT found.term), '{}') FROM (
    SELECT stems.term FROM recall_stems(folded, language) stems
    UNION ALL
    SELECT '@' || left(name.lexeme, 64) FROM unnest(to_tsvector('simple', recall_fold(speaker))) name
  ) found
$$;
--> statement-breakpoint
-- 0: a text asks nothing; 1: it does somewhere; 2: with its last sentence.
CREATE FUNCTION recall_asks(said text) RETURNS smallint LANGUAGE sql IMMUTABLE AS $$
  SELECT CASE WHEN said !~ '[?？؟]' THEN 0
    WHEN said ~ '[?？؟][^[:alnum:]]*$' THEN 2 ELSE 1 END::smallint
$$;
--> statement-breakpoint
-- The terms that may stand for each word of a question in a place with these languages.
CREATE FUNCTION recall_question(said text, languages text[])
RETURNS TABLE (word integer, term text) LANGUAGE sql STABLE AS $$
  WITH folded AS MATERIALIZED (SELECT recall_fold(said) AS words),
  asked AS MATERIALIZED (SELECT folded.words, recall_language(folded.words) AS language FROM folded),
  own AS MATERIALIZED (
    SELECT stems.word, stems.term FROM asked
    CROSS JOIN LATERAL recall_stems(asked.words, asked.language) stems)
  SELECT own.word, own.term FROM own
  UNION
  -- A stop word of the question's language stays one in the others.
  SELECT stems.word, stems.term
  FROM asked CROSS JOIN LATERAL unnest(languages) spoken
  CROSS JOIN LATERAL recall_stems(asked.words, spoken) stems
  JOIN own ON own.word = stems.word
  WHERE spoken <> asked.language
  UNION
  SELECT name.positions[1]::integer, '@' || left(name.lexeme, 64)
  FROM folded CROSS JOIN LATERAL unnest(to_tsvector('simple', folded.words)) name
$$;
--> statement-breakpoint
-- What a turn says as far as it is over.
CREATE FUNCTION recall_text(turn turns) RETURNS text LANGUAGE sql STABLE AS $$
  SELECT coalesce(turn.content, (SELECT variants.content FROM variants
    WHERE variants.turn_id = turn.id AND variants.is_active AND variants.state <> 'streaming'), '')
$$;
--> statement-breakpoint
-- Keeps all other writers of a conversation's index away until the transaction ends. Returns how far
-- it goes; null where the conversation is gone.
CREATE FUNCTION recall_lock(conversation bigint) RETURNS integer LANGUAGE plpgsql AS $$
DECLARE
  until integer;
BEGIN
  -- Turns that were adopted may have positions below 0.
  INSERT INTO recall_progress (conversation_id, indexed_until)
    SELECT id, least(0, (SELECT min(position) FROM turns WHERE conversation_id = conversation))
    FROM conversations WHERE id = conversation ON CONFLICT DO NOTHING;
  SELECT indexed_until INTO until FROM recall_progress
    WHERE conversation_id = conversation FOR UPDATE;
  RETURN until;
END
$$;
--> statement-breakpoint
CREATE FUNCTION recall_add(conversation bigint, since integer, until integer) RETURNS void
LANGUAGE sql AS $$
  INSERT INTO recall_postings (conversation_id, term, first, hits)
  SELECT conversation, fresh.term,
    -- A row that is full goes on in a new one, unless a turn in its midst has changed.
    CASE WHEN cardinality(chunk.hits) < 256
        OR fresh.since < (SELECT floor(max(hit) / 64.0) FROM unnest(chunk.hits) hit)
      THEN chunk.first ELSE fresh.since END,
    fresh.hits
  FROM (
    SELECT term, min(position) AS since,
      array_agg(position * 64 + position - stretch ORDER BY position) AS hits
    FROM recall_turns CROSS JOIN LATERAL unnest(terms) term
    WHERE conversation_id = conversation AND position >= since AND position < until
    GROUP BY term) fresh
  LEFT JOIN LATERAL (
    SELECT held.first, held.hits FROM recall_postings held
    WHERE held.conversation_id = conversation AND held.term = fresh.term
      AND held.first <= fresh.since
    ORDER BY held.first DESC LIMIT 1) chunk ON true
  ON CONFLICT (conversation_id, term, first)
    DO UPDATE SET hits = recall_postings.hits || excluded.hits
$$;
--> statement-breakpoint
CREATE FUNCTION recall_remove(conversation bigint, positions integer[]) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
  emptied text[];
BEGIN
  WITH gone AS (
    DELETE FROM recall_turns
    WHERE conversation_id = conversation AND position = ANY (positions) RETURNING *),
  shrunk AS (
    SELECT taken.term, chunk.first, array_agg(taken.hit) AS hits
    FROM (SELECT term, gone.position, gone.position * 64 + gone.position - gone.stretch AS hit
      FROM gone CROSS JOIN LATERAL unnest(gone.terms) term) taken
    CROSS JOIN LATERAL (
      SELECT held.first FROM recall_postings held
      WHERE held.conversation_id = conversation AND held.term = taken.term
        AND held.first <= taken.position
      ORDER BY held.first DESC LIMIT 1) chunk
    GROUP BY taken.term, chunk.first),
  left_over AS (
    UPDATE recall_postings held
    SET hits = ARRAY(SELECT hit FROM unnest(held.hits) WITH ORDINALITY kept (hit, place)
      WHERE hit <> ALL (shrunk.hits) ORDER BY place)
    FROM shrunk
    WHERE held.conversation_id = conversation AND held.term = shrunk.term
      AND held.first = shrunk.first
    RETURNING held.term, held.hits)
  SELECT array_agg(left_over.term) INTO emptied FROM left_over WHERE left_over.hits = '{}';
  DELETE FROM recall_postings
    WHERE conversation_id = conversation AND term = ANY (emptied) AND hits = '{}';
END
$$;
--> statement-breakpoint
-- Takes the next turns before a position into the index, at most so many positions further. Returns
-- whether there are more. A pause of an hour begins a stretch, and so does every 64th turn.
CREATE FUNCTION recall_index(conversation bigint, before integer, at_most integer) RETURNS boolean
LANGUAGE plpgsql AS $$
DECLARE
  since integer := recall_lock(conversation);
  until integer := least(before, since + at_most);
  stretch_now integer;
  said_last timestamptz;
  languages_now text[] := '{}';
  begun integer := 0;
  said record;
BEGIN
  IF since IS NULL OR since >= before THEN RETURN false; END IF;
  SELECT earlier.stretch, turns.said_at INTO stretch_now, said_last
    FROM recall_turns earlier JOIN turns USING (conversation_id, position)
    WHERE earlier.conversation_id = conversation
      AND earlier.position >= since - 64 AND earlier.position < since
    ORDER BY earlier.position DESC LIMIT 1;
  FOR said IN
    SELECT turns.position, turns.said_at, turns.author_name, spoken.content, spoken.folded,
      recall_language(spoken.folded) AS language
    FROM turns CROSS JOIN LATERAL (
      SELECT told.content, recall_fold(told.content) AS folded
      FROM recall_text(turns) told (content) OFFSET 0) spoken
    WHERE turns.conversation_id = conversation
      AND turns.position >= since AND turns.position < until ORDER BY turns.position
  LOOP
    IF stretch_now IS NULL OR said.position - stretch_now > 63
        OR said.said_at - said_last > interval '1 hour' THEN
      stretch_now := said.position;
      begun := begun + 1;
    END IF;
    said_last := said.said_at;
    IF said.language <> ALL (languages_now) THEN
      languages_now := languages_now || said.language;
    END IF;
    INSERT INTO recall_turns (conversation_id, position, stretch, said_at, asks, terms)
      VALUES (conversation, said.position, stretch_now, said.said_at, recall_asks(said.content),
        recall_terms(said.folded, said.language, said.author_name));
  END LOOP;
  PERFORM recall_add(conversation, since, until);
  UPDATE recall_progress SET indexed_until = until, stretches = stretches + begun,
      languages = ARRAY(SELECT DISTINCT language FROM unnest(languages || languages_now) language ORDER BY 1)
    WHERE conversation_id = conversation;
  RETURN until < before;
END
$$;
--> statement-breakpoint
-- Brings what the index has of a turn up to date, where the index goes as far as the turn.
CREATE FUNCTION recall_renew(renewed bigint) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  said turns;
  stretch_now integer;
  content_now text;
  folded_now text;
BEGIN
  SELECT * INTO said FROM turns WHERE id = renewed;
  IF NOT FOUND OR coalesce(said.position >= recall_lock(said.conversation_id), true) THEN RETURN; END IF;
  SELECT stretch INTO stretch_now FROM recall_turns
    WHERE conversation_id = said.conversation_id AND position = said.position;
  PERFORM recall_remove(said.conversation_id, ARRAY[said.position]);
  content_now := recall_text(said);
  folded_now := recall_fold(content_now);
  INSERT INTO recall_turns (conversation_id, position, stretch, said_at, asks, terms)
    VALUES (said.conversation_id, said.position, coalesce(stretch_now, said.position), said.said_at,
      recall_asks(content_now), recall_terms(folded_now, recall_language(folded_now), said.author_name));
  PERFORM recall_add(said.conversation_id, said.position, said.position + 1);
END
$$;
--> statement-breakpoint
CREATE FUNCTION recall_turn_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM recall_renew(new.id);
  RETURN NULL;
END
$$;
--> statement-breakpoint
CREATE TRIGGER recall_turn_changed AFTER UPDATE OF content, author_name ON turns FOR EACH ROW
  WHEN (old.content IS DISTINCT FROM new.content OR old.author_name IS DISTINCT FROM new.author_name)
  EXECUTE FUNCTION recall_turn_changed();
--> statement-breakpoint
CREATE FUNCTION recall_variant_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM recall_renew(CASE tg_op WHEN 'DELETE' THEN old.turn_id ELSE new.turn_id END);
  RETURN NULL;
END
$$;
--> statement-breakpoint
-- Drafts of a reply are not in the index.
CREATE TRIGGER recall_variant_changed AFTER UPDATE OF content, is_active, state ON variants FOR EACH ROW
  WHEN ((old.is_active OR new.is_active) AND (old.state <> 'streaming' OR new.state <> 'streaming')
    AND (old.content, old.is_active, old.state) IS DISTINCT FROM (new.content, new.is_active, new.state))
  EXECUTE FUNCTION recall_variant_changed();
--> statement-breakpoint
CREATE TRIGGER recall_variant_deleted AFTER DELETE ON variants FOR EACH ROW WHEN (old.is_active)
  EXECUTE FUNCTION recall_variant_changed();
--> statement-breakpoint
-- Of a conversation that goes as a whole, the index goes by itself.
CREATE FUNCTION recall_turns_deleted() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  place record;
BEGIN
  FOR place IN
    SELECT gone.conversation_id AS id, array_agg(gone.position) AS positions FROM gone
    JOIN conversations ON conversations.id = gone.conversation_id
    GROUP BY gone.conversation_id ORDER BY gone.conversation_id
  LOOP
    PERFORM recall_lock(place.id);
    PERFORM recall_remove(place.id, place.positions);
  END LOOP;
  RETURN NULL;
END
$$;
--> statement-breakpoint
CREATE TRIGGER recall_turns_deleted AFTER DELETE ON turns REFERENCING OLD TABLE AS gone
  FOR EACH STATEMENT EXECUTE FUNCTION recall_turns_deleted();
--> statement-breakpoint
-- Positions changed, or turns came before those in the index: it is made anew, bit by bit.
CREATE FUNCTION recall_reset(places bigint[]) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  PERFORM conversation_id FROM recall_progress WHERE conversation_id = ANY (places)
    ORDER BY conversation_id FOR UPDATE;
  DELETE FROM recall_postings WHERE conversation_id = ANY (places);
  DELETE FROM recall_turns WHERE conversation_id = ANY (places);
  DELETE FROM recall_progress WHERE conversation_id = ANY (places);
END
$$;
--> statement-breakpoint
CREATE FUNCTION recall_turns_moved() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM recall_reset(array_agg(DISTINCT moved.conversation_id))
    FROM moved JOIN stood USING (id) WHERE moved.position <> stood.position
    HAVING count(*) > 0;
  RETURN NULL;
END
$$;
--> statement-breakpoint
CREATE TRIGGER recall_turns_moved AFTER UPDATE ON turns
  REFERENCING OLD TABLE AS stood NEW TABLE AS moved
  FOR EACH STATEMENT EXECUTE FUNCTION recall_turns_moved();
--> statement-breakpoint
CREATE FUNCTION recall_turns_added() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM recall_reset(array_agg(DISTINCT added.conversation_id))
    FROM added JOIN recall_progress progress USING (conversation_id)
    WHERE added.position < progress.indexed_until
    HAVING count(*) > 0;
  RETURN NULL;
END
$$;
--> statement-breakpoint
CREATE TRIGGER recall_turns_added AFTER INSERT ON turns REFERENCING NEW TABLE AS added
  FOR EACH STATEMENT EXECUTE FUNCTION recall_turns_added();
