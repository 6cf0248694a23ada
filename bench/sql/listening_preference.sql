-- Grain: one row per listener, month, dimension and bucket with a counted play.
WITH known AS (
    SELECT play.*, date_trunc('month', played_on)::date AS month, month(played_on) AS month_number, lower(trim(platform, ' ')) AS device,
           track.explicit AS is_explicit, duration_ms, year(release_date)::varchar AS released_in
      FROM fct_play AS play LEFT JOIN dim_track AS track USING (track_id) LEFT JOIN dim_album AS album ON album.album_id = play.album_id
     WHERE is_counted
),
bucketed AS (
    SELECT listener_id, month, listened_ms,
           CASE WHEN is_explicit IS NULL THEN 'unknown' WHEN is_explicit THEN 'explicit' ELSE 'clean' END AS explicit,
           CASE WHEN duration_ms IS NULL THEN 'unknown' WHEN duration_ms < 180_000 THEN 'short' WHEN duration_ms < 300_000 THEN 'medium'
                ELSE 'long' END AS duration,
           coalesce(released_in, 'unknown') AS release_year,
           CASE WHEN iso_weekday < 6 THEN 'weekday' ELSE 'weekend' END AS weekpart,
           CASE WHEN hour < 6 THEN 'night' WHEN hour < 12 THEN 'morning' WHEN hour < 18 THEN 'afternoon' ELSE 'evening' END AS daypart,
           CASE WHEN month_number IN (12, 1, 2) THEN 'winter' WHEN month_number < 6 THEN 'spring' WHEN month_number < 9 THEN 'summer'
                ELSE 'autumn' END AS season,
           CASE WHEN shuffle IS NULL THEN 'unknown' WHEN shuffle THEN 'on' ELSE 'off' END AS shuffle,
           CASE WHEN device IS NULL OR device IN ('', 'unknown', 'not_applicable') THEN 'unknown'
                WHEN contains(device, 'web_player') OR contains(device, 'webplayer') THEN 'web'
                WHEN starts_with(device, 'android_tv') OR starts_with(device, 'android tv') THEN 'other'
                WHEN starts_with(device, 'android') OR starts_with(device, 'ios') OR starts_with(device, 'iphone')
                  OR starts_with(device, 'ipad') OR starts_with(device, 'ipod') OR starts_with(device, 'windows phone') THEN 'mobile'
                WHEN starts_with(device, 'windows') OR starts_with(device, 'os x') OR starts_with(device, 'osx') OR starts_with(device, 'mac')
                  OR starts_with(device, 'linux') OR starts_with(device, 'chromeos') OR starts_with(device, 'chrome os') THEN 'desktop'
                ELSE 'other' END AS platform
      FROM known
),
counts AS (
    SELECT listener_id, month, count(*) AS play_count, coalesce(sum(listened_ms), 0)::bigint AS listened_ms,
           -- Buckets are never null, so the only non-null column is the one of this grouping set.
           coalesce(explicit, duration, release_year, weekpart, daypart, season, shuffle, platform) AS bucket,
           CASE WHEN explicit IS NOT NULL THEN 'explicit' WHEN duration IS NOT NULL THEN 'duration'
                WHEN release_year IS NOT NULL THEN 'release_year' WHEN weekpart IS NOT NULL THEN 'weekpart'
                WHEN daypart IS NOT NULL THEN 'daypart' WHEN season IS NOT NULL THEN 'season' WHEN shuffle IS NOT NULL THEN 'shuffle'
                ELSE 'platform' END AS dimension
      FROM bucketed
     GROUP BY listener_id, month, GROUPING SETS (explicit, duration, release_year, weekpart, daypart, season, shuffle, platform)
)
SELECT *, share(play_count, sum(play_count) OVER (PARTITION BY listener_id, month, dimension)) AS share FROM counts
