{#
    The rungs of the eight RFM groups (rulebook 3.2) over three scores, each above or below
    its cut: columns `<dimension>_score` and `<dimension>_cut`.

    Args:
        recency, frequency, monetary: the dimensions that stand for R, F and M.
#}
{% macro eight_segments(recency, frequency, monetary) %}
    {% set above, below, missing = {}, {}, [] %}
    {% for name in [recency, frequency, monetary] %}
        {% do above.update({name: name ~ '_score > ' ~ name ~ '_cut'}) %}
        {% do below.update({name: name ~ '_score <= ' ~ name ~ '_cut'}) %}
        {% do missing.append(name ~ '_score = null') %}
    {% endfor %}
    {% set recent, remote = above[recency], below[recency] %}
    {% set frequent, rare = above[frequency], below[frequency] %}
    {% set big, small = above[monetary], below[monetary] %}
    {{ return([
        {'tier': 'champions', 'when': [recent, frequent, big]},
        {'tier': 'important_develop', 'next': 'champions', 'when': [recent, rare, big]},
        {'tier': 'important_retain', 'next': 'champions', 'when': [remote, frequent, big]},
        {'tier': 'important_winback', 'next': 'important_develop', 'when': [remote, rare, big]},
        {'tier': 'general_value', 'next': 'champions', 'when': [recent, frequent, small]},
        {'tier': 'general_develop', 'next': 'general_value', 'when': [recent, rare, small]},
        {'tier': 'general_retain', 'next': 'general_value', 'when': [remote, frequent, small]},
        {'tier': 'general_winback', 'next': 'general_develop', 'when': [remote, rare, small]},
        {'tier': 'no_purchase', 'next': 'out', 'when': [missing]},
    ]) }}
{% endmacro %}


{# The cut columns of those three dimensions, which the rungs compare the scores with. #}
{% macro segment_cuts(recency, frequency, monetary) %}
    {{ return([recency ~ '_cut', frequency ~ '_cut', monetary ~ '_cut']) }}
{% endmacro %}
