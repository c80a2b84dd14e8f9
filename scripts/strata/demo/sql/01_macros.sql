-- Uniforms that depend on nothing but the seed, the person (or person and step) and a
-- salt: no random(), so threads, chunks and reruns cannot change a value. The outer
-- hash matters: DuckDB combines hashes by xor, so without it two salts would give one
-- draw merely relabelled.
create or replace macro u(id, salt) as
    ((hash(hash(id::bigint, salt, getvariable('seed'))) >> 11)::double + 0.5)
    / 9007199254740992.0;

create or replace macro u2(id, n, salt) as
    ((hash(hash(id::bigint, n::bigint, salt, getvariable('seed'))) >> 11)::double + 0.5)
    / 9007199254740992.0;

-- A whole number from 0 to n - 1.
create or replace macro pick(uniform, n) as least(floor(uniform * n)::bigint, n - 1);

-- Standard normal (Box-Muller) and unit exponential.
create or replace macro z(id, salt) as
    sqrt(-2 * ln(u(id, salt))) * cos(2 * pi() * u(id, salt || '/angle'));

create or replace macro z2(id, n, salt) as
    sqrt(-2 * ln(u2(id, n, salt))) * cos(2 * pi() * u2(id, n, salt || '/angle'));

create or replace macro clip(x, low, high) as greatest(low, least(high, x));

-- Whole cents to yuan, exactly: decimal all the way.
create or replace macro yuan(cents) as
    cast(cast(cents as decimal(18, 0)) * 0.01::decimal(3, 2) as decimal(12, 2));

-- One of the source ids of a person, among those that were registered by that day.
create or replace macro pick_id(id1, id2, id3, date2, date3, day, uniform) as
    case
        when date3 <= day and uniform < 0.15 then id3
        when date2 <= day and uniform < 0.40 then id2
        else id1
    end;

create or replace macro category_of(uniform) as
    case
        when uniform < 0.28 then 'skin_care'
        when uniform < 0.54 then 'injection'
        when uniform < 0.74 then 'energy_based'
        when uniform < 0.86 then 'hair'
        when uniform < 0.94 then 'dental'
        else 'surgery'
    end;
