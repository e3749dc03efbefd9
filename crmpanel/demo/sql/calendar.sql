-- How busy each day is, and the days stretched over 65,536 buckets by it.
CREATE OR REPLACE TEMP TABLE calendar AS
WITH days AS (
    SELECT start0() + d::INTEGER AS day FROM range((day0() - start0()) + 130) AS r(d)
), busy AS (
    SELECT day,
        CASE WHEN isodow(day) = 1 THEN 1.0 WHEN isodow(day) < 5 THEN 1.12 WHEN isodow(day) = 5 THEN 0.8
             WHEN isodow(day) = 6 THEN 0.03 ELSE 0.02 END
        * CASE WHEN month(day) = 7 THEN CASE WHEN day(day) BETWEEN 6 AND 27 THEN 0.28 ELSE 0.55 END
               WHEN month(day) = 12 AND day(day) > 22 THEN 0.12 WHEN month(day) = 1 AND day(day) < 3 THEN 0.05
               WHEN month(day) = 5 AND day(day) IN (1, 17) THEN 0.06 WHEN month(day) = 8 THEN 0.9
               ELSE 1 END
        * (0.7 + 0.3 * (day - start0()) / 1826.0) AS base
    FROM days
), profiles AS (
    SELECT 'activity' AS profile, day,
        CASE WHEN day < day0() THEN base WHEN day < day0() + 60 THEN base * 1.8 * exp(-(day - day0()) / 26.0)
             ELSE 0 END AS weight FROM busy
    UNION ALL
    SELECT 'quotation', day,
        base * CASE WHEN last_day(day) - day < 9 AND month(day) % 3 = 0 THEN 2.6 ELSE 1 END
             * CASE WHEN day < day0() THEN 1 ELSE 0.9 * exp(-(day - day0()) / 45.0) END FROM busy
    UNION ALL
    SELECT 'past', day, CASE WHEN day < day0() THEN base ELSE 0 END FROM busy
), summed AS (
    SELECT profile, day, weight,
        sum(weight) OVER (PARTITION BY profile ORDER BY day) / sum(weight) OVER (PARTITION BY profile) AS upto
    FROM profiles
)
SELECT profile, day, least(65536,
    round((upto - weight / sum(weight) OVER (PARTITION BY profile)) * 65536))::INTEGER AS first_bucket,
       round(upto * 65536)::INTEGER AS end_bucket
FROM summed;

CREATE OR REPLACE TEMP TABLE day_of AS
SELECT profile, b::INTEGER AS bucket, day
FROM calendar, unnest(range(first_bucket, end_bucket)) AS u(b);
