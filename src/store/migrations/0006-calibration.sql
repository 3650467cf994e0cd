-- Analysis['calibration']; cv_raw, cv_low and cv_high are the calibrated ones where it is not null.
ALTER TABLE analyses ADD COLUMN calibration TEXT NOT NULL DEFAULT 'null' CHECK (json_valid(calibration));
