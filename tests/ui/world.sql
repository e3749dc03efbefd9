-- A small CRM in which every filter of every list finds some records and misses others.
-- Organisation 1 has several pages in every tab; the other 129 have a few records each.
CREATE OR REPLACE TEMP MACRO pick(list, i) AS list[1 + (i % len(list))];
-- Half the days lie close to today, so that no week is empty; the others spread over three years.
CREATE OR REPLACE TEMP MACRO day(i) AS
    (current_date + CASE WHEN i % 2 = 0 THEN (i * 37) % 61 - 40 ELSE (i * 37) % 901 - 600 END::INTEGER)::DATE;
CREATE OR REPLACE TEMP MACRO moment(i) AS day(i) + INTERVAL 4 HOUR + INTERVAL 7 MINUTE;
CREATE OR REPLACE TEMP MACRO person_of(organisation, i) AS
    CASE WHEN organisation = 1 THEN 1 + i % 60 ELSE organisation + 1000 END;
CREATE OR REPLACE TEMP MACRO user_of(i) AS nullif(i * 5 % 7, 0);
-- The records of a list: how many organisation 1 has, then two for each of the others.
CREATE OR REPLACE TEMP MACRO records(n) AS TABLE
    SELECT i + 1 AS id, i, CASE WHEN i < n THEN 1 ELSE 2 + (i - n) % 129 END AS organisation_id
    FROM range(n + 258) AS r(i);

INSERT INTO "user" BY NAME
SELECT id, name, left(name, 1) AS initials, lower(split_part(name, ' ', 1)) AS login, true AS active
FROM (VALUES (1, 'Anna Berg'), (2, 'Bjørn Dahl'), (3, 'Clara Eng'), (4, 'David Foss'), (5, 'Eva Gran'), (6, 'Åse Holm'))
    AS u(id, name);

INSERT INTO organisation BY NAME
SELECT i AS id,
    pick(['Fjord', 'Polar', 'Viking', 'Aurora', 'Granitt', 'Birk', 'Østre', 'Sund'], i) || ' '
        || pick(['Shipping', 'Data', 'Bygg', 'Mat', 'Kraft'], i) || ' ' || pick(['AS', 'AB', 'ApS', 'Oy'], i // 40) AS name,
    pick(['Oslo', 'Bergen', NULL], i) AS division,
    pick(['Customer', 'Prospect', 'Supplier', 'Partner'], i) AS type,
    pick(['Active', 'Dormant', 'Closed', NULL, 'Waiting for an answer from the board'], i // 3) AS status,
    pick(['Oslo', 'Bergen', 'Trondheim', 'Göteborg', 'Aarhus', 'Tromsø'], i) AS city,
    pick(['Norway', 'Norway', 'Norway', 'Sweden', 'Denmark', 'Norway'], i) AS country,
    '+47 55 00 ' || lpad(i::VARCHAR, 4, '0') AS phone, 'firm' || i || '.example' AS domain,
    'NO ' || (910000000 + i * 317) || ' MVA' AS vat_number,
    user_of(i) AS responsible_id, CASE WHEN i % 9 = 0 THEN 6 END AS responsible2_id,
    'ORG-' || lpad(i::VARCHAR, 5, '0') AS source_key, moment(i) AS created, moment(i) AS last_activity,
    i * 10 AS employees
FROM range(2, 131) AS r(i);

INSERT INTO organisation BY NAME
SELECT 1 AS id, 'Nordlys Energi AS' AS name, 'Nordvest' AS division, 'Customer' AS type, 'Active' AS status, 'Energy' AS industry,
    'North' AS territory, 'Strandgata 1' AS address, '8006' AS postcode, 'Bodø' AS city, 'Norway' AS country,
    '+47 75 54 32 10' AS phone, 'post@nordlys.example' AS email, 'www.nordlys.example' AS website, 'nordlys.example' AS domain,
    'NO 987 654 321 MVA' AS vat_number, 1 AS responsible_id, 6 AS responsible2_id, 2 AS parent_id, 420 AS employees,
    98500000.00 AS revenue, 'NOK' AS currency, 'ERP-77' AS erp_id, '30 days' AS erp_payment_terms, 250000.00 AS erp_credit_limit,
    'Pays late' AS alert, 'Has two power stations.' AS comment, 'ORG-00001' AS source_key, moment(4) AS created, moment(2) AS last_activity;

INSERT INTO person BY NAME
SELECT CASE WHEN organisation_id = 1 THEN id WHEN i < 189 THEN organisation_id + 1000 ELSE organisation_id + 2000 END AS id,
    organisation_id, pick(['Ida', 'Jon', 'Kari', 'Lars', 'Mona', 'Nils', 'Olga'], i) AS first_name,
    pick(['Aas', 'Bø', 'Lie', 'Moe', 'Næss', 'Vik'], i // 7) || '-' || i AS last_name, first_name || ' ' || last_name AS name,
    pick(['CEO', 'Buyer', 'Engineer', NULL], i) AS title, pick(['Board', 'Purchasing', 'Operations'], i) AS department,
    pick(['Active', 'Resigned', 'On leave', NULL, 'Moved to another company'], i) AS status,
    'p' || i || '@firm' || organisation_id || '.example' AS email, '+47 400 00 ' || lpad(i::VARCHAR, 3, '0') AS mobile,
    user_of(i) AS responsible_id, moment(i) AS created
FROM records(60);

INSERT INTO activity BY NAME
SELECT id, organisation_id, pick(['Call about', 'Visit to see', 'Offer for', 'Complaint over'], i // 2) || ' turbine ' || i AS subject,
    moment(i) AS date, pick(['Call', 'Visit', 'Letter'], i) AS type,
    pick(['Planned', 'Active', 'Completed', 'Waiting for customer', NULL], i) AS status, pick(['High', 'Low'], i) AS priority,
    user_of(i) AS responsible_id, person_of(organisation_id, i) AS person_id, 'Note ' || i || ': 100 % sure' AS note
FROM records(230);

INSERT INTO quotation BY NAME
SELECT id, organisation_id, 'Q-' || 1000 + id AS number, pick(['Service', 'Spare parts', 'Upgrade'], i) || ' ' || i AS description,
    pick(['A - Hot', 'B - Warm', 'C - Cold', 'Won', 'Lost'], i) AS level, day(i) AS date, day(i + 3) AS next_follow_up,
    user_of(i) AS responsible_id, CASE WHEN i % 4 = 0 THEN 6 END AS responsible2_id, person_of(organisation_id, i) AS person_id,
    (i * 7919 % 100000 + 250)::DECIMAL(18, 2) AS value, (i * 101 % 9000)::DECIMAL(18, 2) AS gross_margin, 'NOK' AS currency,
    i * 10 % 100 AS probability
FROM records(64);

INSERT INTO "order" BY NAME
SELECT id, organisation_id, 'O-' || 5000 + id AS number, pick(['Delivery', 'Installation'], i) || ' ' || i AS description,
    pick(['New', 'Planned', 'OnGoing', 'Completed', 'Cancelled'], i) AS status, day(i) AS date, day(i + 5) AS delivery_date,
    user_of(i) AS responsible_id, person_of(organisation_id, i) AS person_id,
    (i * 3571 % 80000 + 99)::DECIMAL(18, 2) AS value, 'NOK' AS currency
FROM records(57);

INSERT INTO ticket BY NAME
SELECT id, organisation_id, 'T-' || 7000 + id AS number, pick(['Noise in', 'Leak at', 'Stop of'], i) || ' pump ' || i AS subject,
    pick(['Created', 'Ongoing', 'Closed', 'Waiting for customer'], i) AS status, pick(['Low', 'Normal', 'High'], i) AS priority,
    moment(i) AS deadline, moment(i + 2) AS created, user_of(i) AS responsible_id, person_of(organisation_id, i) AS person_id,
    i % 12 AS time_spent
FROM records(55);

INSERT INTO product BY NAME
SELECT id, organisation_id, pick(['Turbine', 'Pump', 'Valve', 'Meter'], i) || ' M' || i AS name, 'P-' || 100 + i % 9 AS number,
    'SN' || 90000 + i AS serial, 1 + i % 5 AS quantity, (i * 613 % 50000)::DECIMAL(18, 2) AS price, 'NOK' AS currency,
    day(i) AS purchased, pick(['Delivered', 'In stock', 'Ordered', NULL], i) AS stock_status,
    user_of(i) AS responsible_id, person_of(organisation_id, i) AS person_id
FROM records(60);

INSERT INTO quotation_line BY NAME
SELECT id, organisation_id, CASE WHEN organisation_id = 1 THEN 1 + i % 64 ELSE 64 + i % 200 END AS quotation_id, day(i) AS date,
    'P-' || 100 + i % 9 AS item_number, pick(['Turbine', 'Pump', 'Valve', 'Meter'], i) || ' line ' || i AS name, 1 + i % 5 AS quantity,
    (i * 613 % 50000)::DECIMAL(18, 2) AS price, quantity * price AS line_total, 'NOK' AS currency,
    pick(['Delivered', 'In stock', 'Ordered'], i) AS stock_status, user_of(i) AS responsible_id, i AS sort_order
FROM records(70);

INSERT INTO meeting BY NAME
SELECT id, organisation_id, pick(['Status', 'Kick-off', 'Review'], i) || ' meeting ' || i AS subject, moment(i) AS start,
    moment(i) + INTERVAL 1 HOUR AS "end", pick(['Oslo', 'Teams', NULL], i) AS location,
    pick(['Draft', 'Confirmed', 'Held', 'Cancelled'], i) AS status, user_of(i) AS responsible_id,
    person_of(organisation_id, i) AS person_id
FROM records(53);

INSERT INTO document BY NAME
SELECT id, organisation_id, pick(['Contract', 'Drawing', 'Report'], i) || ' ' || i AS description,
    pick(['Contracts', 'Drawings', 'Reports', NULL], i) AS folder, 'file-' || i || '.pdf' AS file_name, 'pdf' AS extension,
    1000 + i * 977 AS size, moment(i) AS uploaded, user_of(i) AS responsible_id, person_of(organisation_id, i) AS person_id
FROM records(58);

INSERT INTO email BY NAME
SELECT id, organisation_id, pick(['Re: ', 'Fwd: ', ''], i) || 'price list ' || i AS subject,
    pick(['Incoming', 'Outgoing', 'Mass e-mail'], i) AS direction, moment(i) AS sent,
    'p' || i || '@firm.example' AS sender, 'sales@us.example' AS recipients, i % 3 AS attachments,
    user_of(i) AS responsible_id, person_of(organisation_id, i) AS person_id, 'Dear all' AS body
FROM records(75);

INSERT INTO change BY NAME
SELECT id, organisation_id, 1 AS changeset, moment(i) AS "at", user_of(i) AS responsible_id,
    pick(['update', 'insert'], i) AS action, pick(['organisation', 'person', 'quotation'], i) AS entity,
    pick([organisation_id, person_of(organisation_id, i), 1 + i % 64], i) AS record_id, 'Record ' || i AS subject,
    CASE action WHEN 'update' THEN pick(['name', 'status', 'value'], i) ELSE 'id' END AS field, 'old ' || i AS old_value, 'new ' || i AS new_value, 'demo' AS source
FROM records(90);

INSERT INTO status_role VALUES ('quotation', 'A - Hot', 'open'), ('quotation', 'B - Warm', 'open'), ('quotation', 'C - Cold', 'open');
