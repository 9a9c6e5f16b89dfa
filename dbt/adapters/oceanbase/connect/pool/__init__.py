"""Sessions kept between uses."""
