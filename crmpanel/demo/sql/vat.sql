-- VAT numbers with the check digits of each country: a body that is used once, then its check digit.
-- The body's last digit moves on by one where modulus 11 has no check digit (10).
CREATE OR REPLACE TEMP TABLE o_vat AS
WITH stem AS (
    SELECT k, country, CASE country WHEN 'SE' THEN 100000 + hop % 899981 WHEN 'DE' THEN 11000000 + hop % 19999999
        WHEN 'GB' THEN 2000000 + hop % 7999999 WHEN 'NO' THEN 8100000 + hop % 1899999
            WHEN 'DK' THEN 120000 + hop % 299999
        ELSE 10000 + hop % 299999 END AS stem
    FROM (SELECT k, country, k * 611953 + $seed * 31 AS hop FROM t_organisation)
), body AS (
    SELECT k, country, CASE country WHEN 'SE' THEN '556' || stem WHEN 'FI' THEN lpad(stem::VARCHAR, 6, '0') || k % 9
        WHEN 'DK' THEN stem || (k % 9)::VARCHAR WHEN 'NO' THEN stem || (k % 9)::VARCHAR ELSE stem::VARCHAR END AS body,
        CASE country WHEN 'NO' THEN [3, 2, 7, 6, 5, 4, 3, 2] WHEN 'DK' THEN [2, 7, 6, 5, 4, 3, 2]
            WHEN 'FI' THEN [7, 9, 10, 5, 8, 4, 2] WHEN 'GB' THEN [8, 7, 6, 5, 4, 3, 2] ELSE [0] END AS weights
    FROM stem
), figures AS (
    SELECT *, list_transform(string_split(body, ''), lambda c: c::INTEGER) AS figures FROM body
), summed AS (
    SELECT *, list_sum(list_transform(list_zip(figures, weights),
        lambda z: coalesce(z[1] * z[2], 0)))::INTEGER AS total FROM figures
), moved AS (
    SELECT *, CASE WHEN country IN ('NO', 'DK', 'FI') AND total % 11 = 1 THEN 1 ELSE 0 END AS move FROM summed
), fixed AS (
    SELECT *, (body::BIGINT + move)::VARCHAR AS number, total + move * weights[-1] AS total2 FROM moved
), checked AS (
    SELECT k, country, CASE country WHEN 'FI' THEN lpad(number, 7, '0') ELSE number END || CASE country
        WHEN 'SE' THEN (10 - list_sum(list_transform(figures, lambda d, i: CASE WHEN i % 2 = 0 THEN d
            WHEN d > 4 THEN 2 * d - 9 ELSE 2 * d END))::INTEGER % 10) % 10
        WHEN 'DE' THEN (11 - list_reduce(figures, lambda p,
            d: (2 * CASE WHEN (p + d) % 10 = 0 THEN 10 ELSE (p + d) % 10 END) % 11, 10)) % 10
        WHEN 'GB' THEN 97 - total % 97 ELSE (11 - total2 % 11) % 11 END::INTEGER::VARCHAR AS code, body, total
    FROM fixed
)
SELECT k, CASE country WHEN 'NO' THEN 'NO ' || groups(code, 3, 3, 3) || ' MVA' WHEN 'SE' THEN 'SE' || code || '01'
    WHEN 'GB' THEN 'GB ' || groups(body || lpad((97 - total % 97)::VARCHAR, 2, '0'), 3, 4, 2) ELSE country || code
        END AS vat_number
FROM checked;
