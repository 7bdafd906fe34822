// Which skills a person holds: level, class, from when until when, and on which evidence.
//
// $ask:
//   person                id of any of the person's records
//   at                    the instant, in seconds since 1970 UTC
//   kinds, verified_only  kinds of evidence that count; whether what is unverified does not
//   spans                 when it may have been shown, each [first, end); null: ever
//   classes, strongest    the class of each kind of evidence; the classes, the strongest first
//   now, units            org units that the viewer is limited to now; null: sees everyone
//   label                 the property of labels in the language asked for, like label@de; null: `label` alone
//   open                  the end of what has no end

// part: person
// part: intervals
CALL (intervals) {
    UNWIND intervals AS each
    WITH each.node AS skill, max(each.level) AS level, collect(each) AS every
    WITH skill, level, [each IN every WHERE each.level = level] AS best
    WITH skill, level, best, reduce(latest = 0, each IN best | CASE
        WHEN each.until > latest THEN each.until ELSE latest
    END) AS until
    WITH skill, level, {
        skill: skill.id, label: coalesce(nullIf(skill[$ask.label], ''), skill.label), level: level,
        class: head([class IN $ask.strongest WHERE any(each IN best WHERE each.class = class)]),
        since: toString(datetime({epochSeconds: reduce(first = $ask.open, each IN best | CASE
            WHEN each.since < first THEN each.since ELSE first
        END)})),
        until: CASE WHEN until < $ask.open THEN toString(datetime({epochSeconds: until})) END,
        evidence: COLLECT { UNWIND best AS each RETURN DISTINCT each.evidence AS id ORDER BY id }
    } AS row
    ORDER BY level DESC, skill.id
    RETURN collect(row) AS rows
}
RETURN {
    faults: CASE WHEN person IS NULL THEN [{fault: 'unknown', field: 'person'}] ELSE [] END,
    rows: rows, total: size(rows), notes: []
} AS answer
