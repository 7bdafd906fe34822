// held: what `intervals` come to towards each of `requirements`, in their order. `through` is the required skill itself
// where it holds the level, else the first such skill by id, of the strongest class; `evidence` is all that supports
// the level through that skill.
CALL (requirements, intervals) {
    UNWIND range(0, size(requirements) - 1) AS place
    WITH place, requirements[place] AS one
    WITH place, one, [each IN intervals WHERE each.node IN one.counted AND (one.proof = 'any' OR each.class = 'shown')]
         AS proofs
    WITH place, one, proofs, reduce(most = 0, each IN proofs | CASE
        WHEN each.level > most THEN each.level ELSE most
    END) AS level
    WITH place, one, level, [each IN proofs WHERE each.level = level] AS best
    WITH place, one, level, best, [class IN $ask.strongest WHERE any(each IN best WHERE each.class = class)][0] AS class
    WITH place, one, level, best, class, [each IN best WHERE each.class = class | each.skill] AS skills
    WITH place, one, level, best, class,
         CASE WHEN one.skill IN skills THEN one.skill
              ELSE reduce(first = skills[0], each IN skills | CASE WHEN each < first THEN each ELSE first END)
         END AS through
    WITH place, {
        skill: one.skill, label: one.label, needed: one.level, held: level, weight: one.weight, kind: one.kind,
        proof: one.proof, is_met: level >= one.level, class: class, through: through,
        evidence: COLLECT {
            UNWIND best AS each
            WITH each WHERE each.skill = through
            RETURN DISTINCT each.evidence AS id ORDER BY id
        }
    } AS towards
    ORDER BY place
    RETURN collect(towards) AS held
}
