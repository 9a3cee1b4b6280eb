"""Stock: levels and their movements, holds, where a SKU can be had, and all of it live."""
