-- What the library's SQL expects beside its tables. The organization works in
-- UTC.
SET TimeZone = 'UTC';
SET threads = 2;
CREATE MACRO local_date(ts) AS CAST(make_timestamp(epoch_us(ts)) AS DATE);
CREATE MACRO within(moment, first, last) AS moment >= first AND moment < last + 1;
CREATE MACRO written(ts) AS strftime(make_timestamp(epoch_us(ts)), '%Y-%m-%dT%H:%M:%SZ');
