// levels: every step of every scale in ascending order, each with the home rank it comes to at $ask.at (0: none)
CALL () {
    MATCH (step:Level)-[:scale]->(scale:Scale)
    OPTIONAL MATCH (step)-[walk:CORRESPONDS_TO]->(home:Level)-[:scale]->(:Scale {id: $ask.home})
    WHERE coalesce(walk.since, 0) <= $ask.at AND $ask.at < coalesce(walk.until, $ask.open)
    WITH step, scale, coalesce(step.lower_bound, step.rank * 1000000) AS bound, coalesce(max(home.rank), 0) AS crossed
    ORDER BY bound, step.rank, step.id
    RETURN collect({
        id: step.id, scale: scale.id, bound: bound, rank: CASE scale.id WHEN $ask.home THEN step.rank ELSE crossed END
    }) AS levels
}
