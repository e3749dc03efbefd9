-- Randomness: a number in [0, 1) that depends on the seed, a purpose and a key, and on nothing else.
CREATE OR REPLACE TEMP MACRO rnd(purpose, k) AS
    (hash(xor(hash(purpose || ':$seed'), k::UBIGINT)) >> 11) / 9007199254740992.0;
-- A walk that visits every slot evenly: neighbours on one card differ.
CREATE OR REPLACE TEMP MACRO walk(purpose, k, n) AS
    (rnd(purpose, k) + n * 0.6180339887498949) - floor(rnd(purpose, k) + n * 0.6180339887498949);
CREATE OR REPLACE TEMP MACRO slot(x) AS least(1023, floor(x * 1024))::INTEGER;
CREATE OR REPLACE TEMP MACRO slot64(x) AS least(63, floor(x * 64))::INTEGER;
CREATE OR REPLACE TEMP MACRO slot256(x) AS least(255, floor(x * 256))::INTEGER;
CREATE OR REPLACE TEMP MACRO normal(purpose, k) AS
    sqrt(-2 * ln(1 - rnd(purpose || '.r', k))) * cos(6.283185307179586 * rnd(purpose || '.a', k));

-- The calendar of the build.
CREATE OR REPLACE TEMP MACRO day0() AS DATE '$today';
CREATE OR REPLACE TEMP MACRO start0() AS DATE '$start';
CREATE OR REPLACE TEMP MACRO switch0() AS DATE '$today' - 430;

-- Organisation number k: what it is and how big it is.
CREATE OR REPLACE TEMP MACRO type_of(k) AS CASE
    WHEN k = 0 OR rnd('type', k) < 0.56 THEN 'Customer' WHEN rnd('type', k) < 0.82 THEN 'Prospect'
    WHEN rnd('type', k) < 0.87 THEN 'Partner' WHEN rnd('type', k) < 0.93 THEN 'Supplier'
    ELSE 'Former customer' END;
CREATE OR REPLACE TEMP MACRO weight_of(k) AS
    exp(1.65 * CASE WHEN k = 0 THEN 2.2 ELSE normal('weight', k) END)
    * CASE type_of(k) WHEN 'Customer' THEN 1.35 WHEN 'Prospect' THEN 0.35 WHEN 'Partner' THEN 0.7
                      WHEN 'Supplier' THEN 0.4 ELSE 0.8 END;
-- A whole number whose mean is x.
CREATE OR REPLACE TEMP MACRO count_of(x, purpose, k) AS floor(x + rnd(purpose, k))::INTEGER;
-- Key of the n-th record of an organisation, before ids are given.
CREATE OR REPLACE TEMP MACRO key_of(organisation, n) AS organisation * 1048576 + n;

-- Text.
CREATE OR REPLACE TEMP MACRO capital(t) AS upper(t[1]) || t[2:];
CREATE OR REPLACE TEMP MACRO ascii_of(t) AS trim(regexp_replace(lower(strip_accents(
    replace(replace(replace(replace(lower(t), 'ø', 'o'), 'æ', 'ae'), 'ß', 'ss'), 'å', 'a'))),
    '[^a-z0-9]+', '-', 'g'), '-');
CREATE OR REPLACE TEMP MACRO digits(purpose, k, n) AS
    lpad((floor(rnd(purpose, k) * pow(10, n)))::BIGINT::VARCHAR, n, '0');
CREATE OR REPLACE TEMP MACRO thousands(n, lang) AS
    replace(format('{:,}', n::BIGINT), ',', CASE lang WHEN 'en' THEN ',' WHEN 'da' THEN '.' ELSE ' ' END);
CREATE OR REPLACE TEMP MACRO fill_facts(t, lang, g) AS
    replace(replace(replace(replace(replace(replace(replace(replace(t,
        '{day}', days_of(lang, 1 + floor(5 * rnd('day', g))::INTEGER)),
        '{Day}', capital(days_of(lang, 1 + floor(5 * rnd('day', g))::INTEGER))),
        '{month}', months_of(lang, 1 + floor(12 * rnd('month', g))::INTEGER)),
        '{Month}', capital(months_of(lang, 1 + floor(12 * rnd('month', g))::INTEGER))),
        '{n}', (2 + floor(7 * rnd('n', g)))::INTEGER::VARCHAR),
        '{week}', (2 + floor(49 * rnd('week', g)))::INTEGER::VARCHAR),
        '{pct}', (4 + floor(14 * rnd('pct', g)))::INTEGER::VARCHAR),
        '{amount}', thousands(5000 * (4 + floor(90 * rnd('amount', g))), lang));
CREATE OR REPLACE TEMP MACRO fill_things(t, thing, the_thing, place, city) AS
    replace(replace(replace(replace(replace(replace(replace(t,
        '{thing}', thing), '{Thing}', capital(thing)), '{the_thing}', the_thing),
        '{The_thing}', capital(the_thing)), '{place}', place), '{Place}', capital(place)),
        '{city}', city);
CREATE OR REPLACE TEMP MACRO fill_names(t, first, name, name2, me, colleague, number, quote) AS
    replace(replace(replace(replace(replace(replace(replace(replace(replace(t,
        '{first}', first), '{First}', first), '{name}', name), '{name2}', name2), '{Name2}', name2),
        '{me}', me), '{colleague}', colleague), '{number}', coalesce(number, '')),
        '{quote}', coalesce(quote, ''));

-- Time: a moment of a working day; the day is kept.
CREATE OR REPLACE TEMP MACRO at_work(day, r) AS
    day::DATE::TIMESTAMP + to_minutes((7 * 60 + 5 * floor(r * 118))::BIGINT);
CREATE OR REPLACE TEMP MACRO weekday(day) AS
    day::DATE - CASE isodow(day::DATE) WHEN 6 THEN 1 WHEN 7 THEN 2 ELSE 0 END::INTEGER;
-- A moment between two others, in working hours if they are days apart.
CREATE OR REPLACE TEMP MACRO between_times(a, b, r) AS
    greatest(a + INTERVAL 1 MINUTE,
             at_work(weekday(a::DATE + floor(r * (b::DATE - a::DATE))::INTEGER), (r * 7919) - floor(r * 7919)));

-- Telephone numbers, as each country writes them.
CREATE OR REPLACE TEMP MACRO groups(t, a, b, c) AS
    rtrim(t[1:a] || ' ' || t[a + 1:a + b] || ' ' || t[a + b + 1:a + b + c]);
CREATE OR REPLACE TEMP MACRO phone_of(country, dial, area, purpose, k) AS dial || ' ' || CASE country
    WHEN 'NO' THEN area || ' ' || groups(digits(purpose, k, 6), 2, 2, 2)
    WHEN 'DK' THEN area || ' ' || groups(digits(purpose, k, 6), 2, 2, 2)
    WHEN 'SE' THEN area || ' ' || groups('3' || digits(purpose, k, 6), 3, 2, 2)
    WHEN 'FI' THEN area || ' ' || groups('4' || digits(purpose, k, 6), 3, 4, 0)
    WHEN 'DE' THEN area || ' ' || '6' || digits(purpose, k, 6)
    ELSE area || ' ' || CASE len(area) WHEN 2 THEN groups('7946' || '0' || digits(purpose, k, 3), 4, 4, 0)
         WHEN 3 THEN groups('4960' || digits(purpose, k, 3), 3, 4, 0) ELSE '960' || digits(purpose, k, 3) END END;
CREATE OR REPLACE TEMP MACRO mobile_of(country, dial, k) AS dial || ' ' || CASE country
    WHEN 'NO' THEN groups(CASE WHEN rnd('m9', k) < 0.6 THEN '9' ELSE '4' END || digits('mobile', k, 7), 3, 2, 3)
    WHEN 'DK' THEN groups('2' || digits('mobile', k, 3), 2, 2, 0) || ' ' || groups(digits('mobile2', k, 4), 2, 2, 0)
    WHEN 'SE' THEN '70 ' || groups(digits('mobile', k, 7), 3, 2, 2)
    WHEN 'FI' THEN '40 ' || groups(digits('mobile', k, 7), 3, 4, 0)
    WHEN 'DE' THEN '171 ' || digits('mobile', k, 7)
    ELSE '7700 900' || digits('mobile', k, 3) END;

-- What an organisation buys: mostly one family of equipment, at times another.
CREATE OR REPLACE TEMP MACRO affinity_of(organisation, n) AS
    (['ventilation', 'heating', 'cooling', 'controls', 'air', 'ventilation', 'heating'])[1 + floor(7 *
        CASE WHEN n % 3 < 2 THEN rnd('affinity', organisation) ELSE rnd('affinity2', organisation * 7 + n % 5) END)::INTEGER];
-- As between_times, and never beyond the end (both ends may be hours apart).
CREATE OR REPLACE TEMP MACRO between_safe(a, b, r) AS
    CASE WHEN b::DATE - a::DATE < 2 THEN a + to_seconds(r * epoch(b - a)) ELSE least(between_times(a, b, r), b - INTERVAL 1 SECOND) END;
CREATE OR REPLACE TEMP MACRO mail_of(name, domain) AS
    ascii_of(split_part(name, ' ', 1)) || '.' || ascii_of(split_part(name, ' ', -1)) || '@' || domain;
