{#
    The join of customers to the scope whose thresholds judge them: their clinic and their
    department where policy tells these apart, else '*'.

    Args:
        customers: a relation with clinic_id and department.
        scopes: an alias of policy_scopes.
#}
{% macro falls_under(customers, scopes) -%}
    {{ scopes }}.clinic_id = case
        when {{ customers }}.clinic_id in (select clinic_id from {{ ref('policy_scopes') }})
            then {{ customers }}.clinic_id
        else '*'
    end
    and {{ scopes }}.department = case
        when {{ customers }}.department in (select department from {{ ref('policy_scopes') }})
            then {{ customers }}.department
        else '*'
    end
{%- endmacro %}
