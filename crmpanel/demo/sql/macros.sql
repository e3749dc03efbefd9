-- Randomness: a number in [0, 1) that depends on the seed, a purpose and a key, and on nothing else.
CREATE OR REPLACE TEMP MACRO rnd(purpose, k) AS
    (hash(xor(hash(purpose || ':$seed'), k::UBIGINT)) >> 11) / 9007199254740992.0;
-- A walk by the golden ratio: it visits all slots evenly, so that neighbours on one card differ.
CREATE OR REPLACE TEMP MACRO walk(purpose, k, n) AS fmod(rnd(purpose, k) + n * 0.6180339887498949, 1);
CREATE OR REPLACE TEMP MACRO slot(x) AS least(1023, floor(x * 1024))::INTEGER;
CREATE OR REPLACE TEMP MACRO slot64(x) AS least(63, floor(x * 64))::INTEGER;
CREATE OR REPLACE TEMP MACRO slot256(x) AS least(255, floor(x * 256))::INTEGER;
CREATE OR REPLACE TEMP MACRO normal(purpose, k) AS
    sqrt(-2 * ln(1 - rnd(purpose || '.r', k))) * cos(6.283185307179586 * rnd(purpose || '.a', k));
-- One of n things, as an index from 1.
CREATE OR REPLACE TEMP MACRO one_of(purpose, k, n) AS 1 + floor(n * rnd(purpose, k))::INTEGER;
-- A whole number whose mean is x.
CREATE OR REPLACE TEMP MACRO count_of(x, purpose, k) AS floor(x + rnd(purpose, k))::INTEGER;
-- Key of the n-th record of an organisation, before ids are given.
CREATE OR REPLACE TEMP MACRO key_of(organisation, n) AS organisation * 1048576 + n;

-- The calendar of the build. The n-th of `total` records falls into the n-th part of the time.
CREATE OR REPLACE TEMP MACRO day0() AS DATE '$today';
CREATE OR REPLACE TEMP MACRO start0() AS DATE '$start';
-- When the history ends: yesterday, after work.
CREATE OR REPLACE TEMP MACRO last_moment() AS day0()::TIMESTAMP - INTERVAL 7 HOUR;
CREATE OR REPLACE TEMP MACRO switch0() AS DATE '$today' - 430;
CREATE OR REPLACE TEMP MACRO bucket_of(low, until, n, total, r) AS
    least(65535, low + floor((n + r) / total * (65536 - low) * until))::INTEGER;

-- Organisation number k: what it is, since when, and how big.
CREATE OR REPLACE TEMP MACRO child(k) AS k % 40 > 0 AND rnd('child', k) < 0.11
    AND (k < 40 OR rnd('group', k // 40) < 0.7);
CREATE OR REPLACE TEMP MACRO type_of(k) AS CASE
    WHEN k = 0 OR rnd('type', k) < 0.56 THEN 'Customer' WHEN rnd('type', k) < 0.82 THEN 'Prospect'
    WHEN child(k) THEN 'Customer' WHEN rnd('type', k) < 0.87 THEN 'Partner' WHEN rnd('type', k) < 0.93 THEN 'Supplier'
    ELSE 'Former customer' END;
CREATE OR REPLACE TEMP MACRO since_of(k) AS CASE
    WHEN k = 0 OR rnd('imported', k) < CASE type_of(k) WHEN 'Prospect' THEN 0.2 ELSE 0.6 END THEN 0
    ELSE pow(rnd('since', k), 0.9) END;
CREATE OR REPLACE TEMP MACRO weight_of(k) AS
    exp(1.65 * CASE WHEN k = 0 THEN 2.1 ELSE normal('weight', k) END) * (1 - 0.85 * since_of(k))
    * CASE type_of(k) WHEN 'Customer' THEN 1.35 WHEN 'Prospect' THEN 0.35 WHEN 'Partner' THEN 0.7
                      WHEN 'Supplier' THEN 0.4 ELSE 0.8 END;
-- What an organisation buys: mostly one family of equipment, at times another.
CREATE OR REPLACE TEMP MACRO affinity_of(organisation, n) AS
    (['ventilation', 'heating', 'cooling', 'controls', 'air', 'ventilation', 'heating'])[1 + floor(7 *
        CASE WHEN n % 3 < 2 THEN rnd('affinity', organisation)
            ELSE rnd('affinity2', organisation * 7 + n % 5) END)::INTEGER];

-- Time: a moment of a working day; the working day at or before a day.
CREATE OR REPLACE TEMP MACRO at_work(day, r) AS
    day::DATE::TIMESTAMP + to_minutes((7 * 60 + 5 * floor(r * 118))::BIGINT);
CREATE OR REPLACE TEMP MACRO weekday(day) AS
    day::DATE - CASE isodow(day::DATE) WHEN 6 THEN 1 WHEN 7 THEN 2 ELSE 0 END::INTEGER;
-- A moment about a share r of the way from a to b, in working hours if there are any between the two.
CREATE OR REPLACE TEMP MACRO between_times(a, b, r) AS
    least(b - INTERVAL 1 MINUTE, greatest(a + INTERVAL 1 MINUTE,
        at_work(weekday(a::DATE + floor(r * (b::DATE - a::DATE + 1))::INTEGER),
                rnd('between', epoch(a)::BIGINT * 64 + floor(r * 64)::BIGINT))));

-- Who was the contact on a day: the older the person, the likelier; nobody who came later. And somebody else.
CREATE OR REPLACE TEMP MACRO contact_of(person0, persons, early, since, day, r) AS
    person0 + floor(pow(r, 1.7) * (early + floor((persons - early) * 0.999 * greatest(0, least(1,
        (day::DATE - since::DATE - 1) / greatest(1, day0() - 3 - since::DATE))))))::INTEGER;
CREATE OR REPLACE TEMP MACRO other_of(person, candidate, person0, early) AS
    CASE WHEN candidate <> person THEN candidate WHEN person > person0 OR early < 2 THEN person0 ELSE person0 + 1 END;
CREATE OR REPLACE TEMP MACRO someone(lang) AS CASE lang WHEN 'sv' THEN 'en kollega'
    WHEN 'en' THEN 'a colleague' ELSE 'en kollega' END;

-- Text.
CREATE OR REPLACE TEMP MACRO capital(t) AS upper(t[1]) || t[2:];
CREATE OR REPLACE TEMP MACRO ascii_of(t) AS trim(regexp_replace(strip_accents(
    replace(replace(replace(lower(t), 'ø', 'o'), 'æ', 'ae'), 'ß', 'ss')), '[^a-z0-9]+', '-', 'g'), '-');
CREATE OR REPLACE TEMP MACRO mail_of(name, domain) AS
    ascii_of(split_part(name, ' ', 1)) || '.' || ascii_of(split_part(name, ' ', -1)) || '@' || domain;
CREATE OR REPLACE TEMP MACRO digits(purpose, k, n) AS
    lpad((floor(rnd(purpose, k) * pow(10, n)))::BIGINT::VARCHAR, n, '0');
CREATE OR REPLACE TEMP MACRO thousands(n, lang) AS
    replace(format('{:,}', n::BIGINT), ',', CASE lang WHEN 'en' THEN ',' WHEN 'da' THEN '.' ELSE ' ' END);
CREATE OR REPLACE TEMP MACRO month_of(lang, day) AS months_of(lang, month(day)::INTEGER);

-- The slots of a text, in three rounds: {day} {week}… near a moment, {thing} {place}…, {first} {number}….
CREATE OR REPLACE TEMP MACRO fill_facts(t, lang, g, moment) AS
    replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(t,
        '{day}', days_of(lang, one_of('day', g, 5))), '{Day}', capital(days_of(lang, one_of('day', g, 5)))),
        '{month}', month_of(lang, moment::DATE + 20 + floor(100 * rnd('month', g))::INTEGER)),
        '{lastmonth}', month_of(lang, moment::DATE - 20)), '{month_now}', month_of(lang, moment::DATE)),
        '{week}', week(moment::DATE + 7 + floor(60 * rnd('week', g))::INTEGER)::VARCHAR),
        '{year}', year(moment)::VARCHAR), '{n}', (1 + one_of('n', g, 7))::VARCHAR),
        '{pct}', (3 + one_of('pct', g, 14))::VARCHAR),
        '{amount}', thousands(5000 * (4 + floor(90 * rnd('amount', g))), lang));
CREATE OR REPLACE TEMP MACRO fill_things(t, thing, the_thing, place, city, org) AS
    replace(replace(replace(replace(replace(replace(replace(replace(t,
        '{thing}', thing), '{Thing}', capital(thing)), '{the_thing}', the_thing),
        '{The_thing}', capital(the_thing)), '{place}', place), '{Place}', capital(place)), '{city}', city), '{org}',
            org);
CREATE OR REPLACE TEMP MACRO fill_names(t, first, name, name2, me, colleague, number, quote) AS
    replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(t,
        '{first}', first), '{First}', first), '{name}', name), '{name2}', name2), '{Name2}', capital(name2)),
        '{me}', me), '{colleague}', colleague), '{Colleague}', colleague), '{number}', coalesce(number, '')),
        '{quote}', coalesce(quote, ''));

-- Telephone numbers, as each country writes them.
CREATE OR REPLACE TEMP MACRO groups(t, a, b, c) AS
    rtrim(t[1:a] || ' ' || t[a + 1:a + b] || ' ' || t[a + b + 1:a + b + c]);
CREATE OR REPLACE TEMP MACRO phone_of(country, dial, area, purpose, k) AS dial || ' ' || area || ' ' || CASE country
    WHEN 'NO' THEN groups(digits(purpose, k, 6), 2, 2, 2)
    WHEN 'DK' THEN groups(digits(purpose, k, 6), 2, 2, 2)
    WHEN 'SE' THEN groups('3' || digits(purpose, k, 6), 3, 2, 2)
    WHEN 'FI' THEN groups('4' || digits(purpose, k, 6), 3, 4, 0)
    WHEN 'DE' THEN '6' || digits(purpose, k, 6)
    ELSE CASE len(area) WHEN 2 THEN '7946 0' || digits(purpose, k, 3)
         WHEN 3 THEN '496 0' || digits(purpose, k, 3) ELSE '960' || digits(purpose, k, 3) END END;
CREATE OR REPLACE TEMP MACRO mobile_of(country, dial, k) AS dial || ' ' || CASE country
    WHEN 'NO' THEN groups(CASE WHEN rnd('mobile9', k) < 0.6 THEN '9' ELSE '4' END || digits('mobile', k, 7), 3, 2, 3)
    WHEN 'DK' THEN groups('2' || digits('mobile', k, 7), 2, 2, 2) || ' ' || digits('mobile2', k, 2)
    WHEN 'SE' THEN '70 ' || groups(digits('mobile', k, 7), 3, 2, 2)
    WHEN 'FI' THEN '40 ' || groups(digits('mobile', k, 7), 3, 4, 0)
    WHEN 'DE' THEN '171 ' || digits('mobile', k, 7)
    ELSE '7700 900' || digits('mobile', k, 3) END;
