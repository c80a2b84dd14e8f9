-- How many categories and departments the purchases span, how many purchases fell into one
-- category, and after how many days what was bought last is usually due again.
-- One row per buyer and as-of date.
with bought as (
    select
        customer_sk,
        as_of_date,
        days_ago,
        net_amount,
        coalesce(category, '*') as category,
        department
    from {{ ref('purchased_lines') }}
    where {{ only_touched('purchased_lines.customer_sk') }}
),

by_kind as (
    select
        customer_sk,
        as_of_date,
        category,
        department,
        min(days_ago) as days_ago,
        -- Of the last day: the dearest line, then the category last by name.
        {{ value_at_max('net_amount', ['-days_ago', 'net_amount']) }} as last_amount
    from bought
    group by customer_sk, as_of_date, category, department
),

last_bought as (
    select
        customer_sk,
        as_of_date,
        {{ value_at_max('category', ['-days_ago', 'last_amount', 'category']) }} as category
    from by_kind
    group by customer_sk, as_of_date
),

by_department as (
    select
        customer_sk,
        as_of_date,
        department,
        min(days_ago) as days_ago
    from by_kind
    where department is not null
    group by customer_sk, as_of_date, department
),

departments as (
    select
        customer_sk,
        as_of_date,
        {{ windowed('count(*)', 'departments', type='integer') }}
    from by_department
    group by customer_sk, as_of_date
),

categories as (
    select
        customer_sk,
        as_of_date,
        max(purchases) as max_category_purchases,
        {{ windowed('count(*)', 'categories', 'days_since_purchase', type='integer') }}
    from {{ ref('category_purchases') }}
    where {{ only_touched('category_purchases.customer_sk') }}
    group by customer_sk, as_of_date
)

select
    last_bought.customer_sk,
    last_bought.as_of_date,
    categories.max_category_purchases,
    coalesce(own.cycle_days, usual.cycle_days) as item_cycle_days,
    {{ windowed_columns('categories', 'categories') }},
    {{ windowed_columns('departments', 'departments') }}
from last_bought
left join {{ ref('treatment_cycles') }} as own
    on last_bought.category = own.category
inner join {{ ref('treatment_cycles') }} as usual on usual.category = '*'
left join categories on {{ same_customer('last_bought', 'categories') }}
left join departments on {{ same_customer('last_bought', 'departments') }}
