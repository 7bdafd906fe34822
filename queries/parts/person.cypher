// person: the id of the person that $ask.person is a record of; null when there is none, or none to be seen
CALL () {
    OPTIONAL MATCH (record:Resource {id: $ask.person})
    WHERE record:Learner
    WITH record._person AS person
    RETURN CASE WHEN $ask.units IS NULL OR EXISTS {
        MATCH (:Learner {_person: person})-[membership:MEMBER_OF]->()-[:part_of*0..]->(unit:Resource)
        WHERE unit.id IN $ask.units
          AND coalesce(membership.since, 0) <= $ask.now AND $ask.now < coalesce(membership.until, $ask.open)
        RETURN unit
        UNION
        MATCH (:Learner {_person: person})<-[:learner]-(job:Employment)-[:org_unit]->()-[:part_of*0..]->(unit:Resource)
        WHERE unit.id IN $ask.units AND coalesce(job.since, 0) <= $ask.now AND $ask.now < coalesce(job.until, $ask.open)
        RETURN unit
    } THEN person END AS person
}
