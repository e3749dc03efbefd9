-- The seller's own people.
INSERT INTO "user" BY NAME
SELECT id, name, initials, lower(initials) AS login, mail_of(name, domain) AS email, title, access_level,
    replace(countries, ' ', ', ') AS territories, language, team <> 'former' AS active, start0()::TIMESTAMP AS created
FROM staff;
