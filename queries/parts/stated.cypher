// stated: what $ask.role, a role or an opening, requires at $ask.at; of `levels`
CALL (levels) {
    OPTIONAL MATCH (asked:Resource {id: $ask.role})
    WHERE asked:Role OR asked:Requisition
    WITH asked, COLLECT { MATCH (asked:Requisition)-[:FOR_ROLE]->(role:Role) RETURN role ORDER BY role.id } AS roles
    WITH asked, roles, CASE size(roles) WHEN 1 THEN roles[0] END AS role
    // an opening's own requirements, if any is in force, replace those of its role
    WITH asked, roles, role, COLLECT {
        UNWIND [asked, role] AS subject
        MATCH (subject)-[r:REQUIRES]->(skill:Skill)
        WHERE coalesce(r.since, 0) <= $ask.at AND $ask.at < coalesce(r.until, $ask.open)
        WITH subject, r, skill, coalesce(r.kind, 'essential') AS kind, coalesce(r.weight, 1) AS weight,
             last([step IN levels WHERE step.scale = coalesce(r.scale, $ask.home) AND step.bound <= r.level]).rank
             AS rank
        RETURN {
            from: subject.id, skill: skill.id, level: coalesce(rank, 0), weight: weight, kind: kind,
            reach: coalesce(r.reach, 'exact'), proof: coalesce(r.proof, 'any'), rationale: nullIf(r.rationale, '')
        }
        ORDER BY CASE kind WHEN 'must' THEN 0 WHEN 'essential' THEN 1 ELSE 2 END, weight DESC, skill.id
    } AS found
    WITH asked, roles, role, found,
         CASE WHEN asked:Role OR any(one IN found WHERE one.from = asked.id AND one.level > 0) THEN asked ELSE role END
         AS source
    WITH asked, roles, role, found, source, [one IN found WHERE one.from = source.id AND one.level > 0] AS requirements
    RETURN {
        requirements: requirements,
        credentials: COLLECT {
            UNWIND [asked, role] AS subject
            MATCH (subject)-[:REQUIRES_CREDENTIAL]->(credential:Credential)
            RETURN DISTINCT credential.id AS id ORDER BY id
        },
        threshold: coalesce($ask.threshold, (asked.threshold + 999) / 1000, (role.threshold + 999) / 1000, 800),
        notes: COLLECT {
            UNWIND found AS one
            WITH one WHERE one.from = source.id AND one.level = 0
            RETURN {note: 'left_out', role: one.from, skill: one.skill} ORDER BY one.skill
        } + CASE
            WHEN requirements = [] THEN [{note: 'nothing_required'}]
            WHEN all(one IN requirements WHERE one.kind = 'preferred') THEN [{note: 'no_core'}]
            ELSE []
        END,
        faults: CASE
            WHEN asked IS NULL THEN [{fault: 'unknown', field: 'role'}]
            WHEN size(roles) > 1 THEN [{fault: 'several_roles', field: 'role', roles: [each IN roles | each.id]}]
            ELSE []
        END
    } AS stated
}
