--
-- PostgreSQL database dump
--
SET standard_conforming_strings = on;
CREATE TABLE public.t (
    id integer NOT NULL,
    path text,
    at timestamp with time zone
);
INSERT INTO public.t VALUES (1, 'C:\dir', '2024-01-02 03:04:05+02');
INSERT INTO public.t VALUES (2, 'a
line; of''two', NULL);
INSERT INTO public.t (at, id) VALUES ('2024-01-02 03:04:05+00', 3);
INSERT INTO public.t VALUES (4, E'tab\there', now());
INSERT INTO public.t VALUES (5, 'cast'::text, NULL) ON CONFLICT DO NOTHING;
INSERT INTO public.t VALUES (6, $q$it's$q$, NULL), (seven, 'x', NULL), (8, 'y' 'z', NULL), (9, 'last', NULL);
