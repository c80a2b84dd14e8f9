{# Whether the variable clv_model asks for the challenger; an unknown model stops the build. #}
{% macro clv_asks_challenger() %}
    {% set known = ['formula', 'mbg_gg', 'xgboost', 'blend'] %}
    {% if var('clv_model') not in known %}
        {{ exceptions.raise_compiler_error(
            "The variable clv_model is '" ~ var('clv_model') ~ "'. Known: " ~ known | join(', ') ~ "."
        ) }}
    {% endif %}
    {{ return(var('clv_model') in ['xgboost', 'blend']) }}
{% endmacro %}
