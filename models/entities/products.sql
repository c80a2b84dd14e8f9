-- Treatments and goods for sale, valid rows only.
-- One row per source and product_id.
{{ accepted('products') }}
