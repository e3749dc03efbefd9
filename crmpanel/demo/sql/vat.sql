-- VAT numbers with the check digits of each country.
CREATE OR REPLACE TEMP MACRO numerals(s) AS list_transform(string_split(s, ''), lambda c: c::DOUBLE);
CREATE OR REPLACE TEMP MACRO weighted(s, weights) AS list_inner_product(numerals(s), weights::DOUBLE[])::INTEGER;
CREATE OR REPLACE TEMP MACRO no_check(s) AS (11 - weighted(s, [3, 2, 7, 6, 5, 4, 3, 2]) % 11) % 11;
CREATE OR REPLACE TEMP MACRO dk_check(s) AS (11 - weighted(s, [2, 7, 6, 5, 4, 3, 2]) % 11) % 11;
CREATE OR REPLACE TEMP MACRO fi_check(s) AS (11 - weighted(s, [7, 9, 10, 5, 8, 4, 2]) % 11) % 11;
-- The stem of six or seven digits is used once; its last digit moves on where no check digit exists (10).
CREATE OR REPLACE TEMP MACRO stem_of(k, low, size) AS (low + (k * 7907 + $seed * 31) % size)::VARCHAR;
CREATE OR REPLACE TEMP MACRO no_body(k) AS stem_of(k, 8100000, 1899999)
    || (k % 9 + (no_check(stem_of(k, 8100000, 1899999) || (k % 9)) = 10)::INTEGER);
CREATE OR REPLACE TEMP MACRO dk_body(k) AS stem_of(k, 120000, 299999)
    || (k % 9 + (dk_check(stem_of(k, 120000, 299999) || (k % 9)) = 10)::INTEGER);
CREATE OR REPLACE TEMP MACRO fi_body(k) AS lpad(stem_of(k, 10000, 299999), 6, '0')
    || (k % 9 + (fi_check(lpad(stem_of(k, 10000, 299999), 6, '0') || (k % 9)) = 10)::INTEGER);
CREATE OR REPLACE TEMP MACRO luhn(s) AS (10 - list_sum(list_transform(numerals(s),
    lambda d, i: CASE WHEN i % 2 = 1 THEN CASE WHEN d > 4 THEN 2 * d - 9 ELSE 2 * d END ELSE d END))::INTEGER % 10) % 10;
CREATE OR REPLACE TEMP MACRO de_check(s) AS (11 - list_reduce(list_transform(numerals(s), lambda d: d::INTEGER), lambda product, d:
    (2 * CASE WHEN (product + d) % 10 = 0 THEN 10 ELSE (product + d) % 10 END) % 11, 10)) % 10;
CREATE OR REPLACE TEMP MACRO gb_check(s) AS 97 - weighted(s, [8, 7, 6, 5, 4, 3, 2]) % 97;
CREATE OR REPLACE TEMP MACRO vat_of(country, k) AS CASE country
    WHEN 'NO' THEN 'NO ' || groups(no_body(k) || no_check(no_body(k)), 3, 3, 3) || ' MVA'
    WHEN 'DK' THEN 'DK' || dk_body(k) || dk_check(dk_body(k))
    WHEN 'SE' THEN 'SE556' || stem_of(k, 100000, 899999) || luhn('556' || stem_of(k, 100000, 899999)) || '01'
    WHEN 'FI' THEN 'FI' || fi_body(k) || fi_check(fi_body(k))
    WHEN 'DE' THEN 'DE' || stem_of(k, 11000000, 19999999) || de_check(stem_of(k, 11000000, 19999999))
    ELSE 'GB ' || groups(stem_of(k, 2000000, 7999999) || lpad(gb_check(stem_of(k, 2000000, 7999999))::VARCHAR, 2, '0'), 3, 4, 2) END;
