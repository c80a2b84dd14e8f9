-- Annual cards: sessions bought and used, valid rows only.
-- One row per source and card_id.
{{ accepted('cards') }}
