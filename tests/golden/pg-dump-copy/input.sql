--
-- PostgreSQL database dump
--

-- Dumped from database version 16.3

SET statement_timeout = 0;
SET standard_conforming_strings = on;
SELECT pg_catalog.set_config('search_path', '', false);

CREATE TYPE public.mood AS ENUM (
    'sad',
    'ok'
);

CREATE FUNCTION public.f() RETURNS trigger
    LANGUAGE plpgsql
    AS $$BEGIN INSERT INTO public.people VALUES (1); RETURN NEW; END$$;

CREATE TABLE public.people (
    id bigint NOT NULL,
    name text,
    ok boolean DEFAULT true,
    height numeric(5,2),
    any_number numeric,
    born date,
    at timestamp with time zone DEFAULT now(),
    local timestamp without time zone,
    key uuid,
    doc jsonb,
    bytes bytea,
    mood public.mood,
    tags text[],
    ratio double precision
);

COPY public.people (id, name, ok, height, any_number, born, at, local, key, doc, bytes, mood, tags, ratio) FROM stdin;
1	Ada\tLovelace\\ \n2nd line	t	1.65	3.14159	1815-12-10	2024-01-02 03:04:05.123456+01	2024-01-02 03:04:05	a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11	{"a": "x\\"y"}	\\x4142ff	sad	{a,"b c"}	Infinity
2	\N	f	\N	2	\N	2024-01-02 03:04:05+00	\N	\N	\N	\N	\N	{}	NaN
3		\N	0.00	1	2000-01-01	\N	\N	\N	[]	\\x	ok	\N	1e-10
4	short
5	wrong	maybe	1.00	1	\N	\N	\N	\N	\N	\N	\N	\N	0
\.

COPY public."Odd ""names""" ("A b", select) FROM stdin;
1	\.x
\.

ALTER TABLE ONLY public.people ADD CONSTRAINT people_pkey PRIMARY KEY (id);
--
-- PostgreSQL database dump complete
--
