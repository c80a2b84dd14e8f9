-- How many categories and departments the purchases span, and how many purchases fell
-- into one category. One row per buyer and as-of date.
{{ config(meta={'in_parts': true}) }}
with by_department as (
    select
        customer_key,
        as_of_date,
        department,
        min(days_ago) as days_since_purchase
    from {{ ref('purchased_items') }}
    where department is not null
    group by customer_key, as_of_date, department
),

categories as (
    select
        customer_key,
        as_of_date,
        max(purchases) as max_category_purchases,
        {{ windowed('count(*)', 'categories', 'days_since_purchase') }}
    from {{ ref('category_purchases') }}
    group by customer_key, as_of_date
),

departments as (
    select
        customer_key,
        as_of_date,
        {{ windowed('count(*)', 'departments', 'days_since_purchase') }}
    from by_department
    group by customer_key, as_of_date
)

select
    buyers.customer_key,
    buyers.as_of_date,
    categories.max_category_purchases,
    {{ windowed_columns('categories', 'categories') }},
    {{ windowed_columns('departments', 'departments') }}
from {{ ref('measures_purchase') }} as buyers
left join categories on {{ same_customer('buyers', 'categories') }}
left join departments on {{ same_customer('buyers', 'departments') }}
