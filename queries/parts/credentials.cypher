// credentials: those that `profile` requires, and the evidence that `person` holds them by at $ask.at
CALL (profile, person) {
    UNWIND profile.credentials AS id
    MATCH (credential:Resource {id: id})
    WITH id, credential, COLLECT {
        MATCH (:Learner {_person: person})<-[:learner]-(e:Evidence {kind: 'credential'})-[:about]->(credential)
        WHERE e.shown_at <= $ask.at AND $ask.at < e._until
          AND NOT ($ask.verified_only AND coalesce(e.verification, '') = 'unverified')
        RETURN e.id AS evidence ORDER BY evidence
    } AS evidence
    ORDER BY id
    RETURN collect({
        credential: id, label: coalesce(nullIf(credential[$ask.label], ''), credential.label), is_met: evidence <> [],
        evidence: evidence
    }) AS credentials
}
