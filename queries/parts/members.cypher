// members: three lists of persons, or null where nobody asked: those in the viewer's units now, those in the cohorts
// and those in the org units asked for at $ask.at; a unit's sub-units and who is employed there included
CALL () {
    UNWIND [
        {place: 0, ids: $ask.units, at: $ask.now},
        {place: 1, ids: $ask.cohort, at: $ask.at},
        {place: 2, ids: $ask.org_unit, at: $ask.at}
    ] AS asked
    WITH asked, COLLECT {
        UNWIND asked.ids AS id
        MATCH (:Resource {id: id})<-[:part_of*0..]-(unit)
        CALL (asked, unit) {
            MATCH (unit)<-[membership:MEMBER_OF]-(record:Learner)
            WHERE coalesce(membership.since, 0) <= asked.at AND asked.at < coalesce(membership.until, $ask.open)
            RETURN record
          UNION
            MATCH (unit)<-[:org_unit]-(job:Employment)-[:learner]->(record:Learner)
            WHERE coalesce(job.since, 0) <= asked.at AND asked.at < coalesce(job.until, $ask.open)
            RETURN record
        }
        RETURN DISTINCT record._person
    } AS persons
    ORDER BY asked.place
    WITH collect({asked: asked.ids IS NOT NULL, persons: persons}) AS found
    RETURN [each IN found | CASE WHEN each.asked THEN each.persons END] AS members
}
