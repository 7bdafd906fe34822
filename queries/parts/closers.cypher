// closers: for each of `requirements`, in their order, the learning objects that close it, by level, then id. One does
// that teaches a skill that counts to the level needed; where only what was shown counts, one whose assessment
// measures that skill up to that level.
CALL (requirements, levels) {
    UNWIND range(0, size(requirements) - 1) AS place
    WITH place, requirements[place] AS one
    CALL (one, levels) {
        CALL (one, levels) {
            WITH one, levels WHERE one.proof = 'any'
            UNWIND one.counted AS skill
            MATCH (skill)<-[r:TEACHES]-(course:LearningObject)
            WHERE coalesce(r.since, 0) <= $ask.at AND $ask.at < coalesce(r.until, $ask.open)
            RETURN course,
                last([step IN levels WHERE step.scale = coalesce(r.scale, $ask.home) AND step.bound <= r.level]).rank
                AS level
          UNION ALL
            WITH one, levels WHERE one.proof = 'shown'
            UNWIND one.counted AS skill
            MATCH (skill)<-[r:MEASURES]-(assessment:Assessment)<-[:ASSESSED_BY]-(course:LearningObject)
            WHERE coalesce(r.since, 0) <= $ask.at AND $ask.at < coalesce(r.until, $ask.open)
              AND NOT coalesce(assessment.status, '') IN $ask.not_offered
            UNWIND split(r.cut_scores, '|') AS cut
            RETURN course, toInteger(trim(split(cut, ':')[0])) AS level
        }
        WITH one, course, level
        WHERE level >= one.level AND NOT coalesce(course.status, '') IN $ask.not_offered
        WITH course, max(level) AS level
        ORDER BY level, course.id
        RETURN collect({
            course: course, learning_object: course.id, label: coalesce(nullIf(course[$ask.label], ''), course.label),
            level: level
        }) AS closing
    }
    WITH place, closing
    ORDER BY place
    RETURN collect(closing) AS closers
}
