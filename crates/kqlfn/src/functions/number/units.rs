//! The units that Kusto knows, with its constants, some of which are rounded: results are to be the same.

use std::f64::consts::PI;

use super::conversion::{
    CENTI, DECA, DECI, GIGA, HECTO, KILO, MEGA, MICRO, MILLI, NANO, TERA, Unit, per, shifted, sine, times,
};

/// Against degrees.
pub(super) const ANGLE: &[Unit] = &[
    times("Degree", 1.0).with(&[NANO, MICRO, MILLI]),
    times("Radian", 180.0 / PI).with(&[NANO, MICRO, MILLI, CENTI, DECI]),
    per("Arcminute", 60.0),
    per("Arcsecond", 3600.0),
    times("Gradian", 0.9),
    times("NatoMil", 9.0 / 160.0),
    times("Revolution", 360.0),
    sine("Tilt"),
];

/// Against joules.
pub(super) const ENERGY: &[Unit] = &[
    times("Joule", 1.0).with(&[MILLI, KILO, MEGA, GIGA]),
    times("Calorie", 4.184).with(&[KILO, MEGA]),
    times("BritishThermalUnit", 1_055.055_852_62).with(&[KILO, MEGA, GIGA]),
    times("ElectronVolt", 1.602_176_565e-19).with(&[KILO, MEGA, GIGA, TERA]),
    times("FootPound", 1.355_817_948),
    times("Erg", 1e-7),
    times("WattHour", 3600.0).with(&[KILO, MEGA, GIGA, TERA]),
    times("WattDay", 86_400.0).with(&[KILO, MEGA, GIGA, TERA]),
    times("ThermEc", 1.055_055_852_62e8).with(&[DECA]),
    times("ThermUs", 1.054_804e8).with(&[DECA]),
    times("ThermImperial", 1.055_055_852_573_48e8).with(&[DECA]),
    times("HorsepowerHour", 2.684_519_537_7e6),
];

/// Against newtons.
pub(super) const FORCE: &[Unit] = &[
    times("Newton", 1.0).with(&[MICRO, MILLI, DECA, KILO, MEGA]),
    per("Dyn", 1e5),
    times("KilogramForce", 9.806_650_028_64),
    times("KiloPond", 9.806_650_028_64),
    times("TonneForce", 9_806.650_028_64),
    times("Poundal", 0.138_255_027_989_730_4),
    times("PoundForce", 4.448_221_615_260_51).with(&[KILO]),
    times("OunceForce", 0.278_013_850_953_781_2),
    times("ShortTonForce", 8_896.443_230_521),
];

/// Against meters.
pub(super) const LENGTH: &[Unit] = &[
    times("Meter", 1.0).with(&[NANO, MICRO, MILLI, CENTI, DECI, DECA, HECTO, KILO]),
    times("Mile", 1609.34),
    times("Yard", 0.9144),
    times("Foot", 0.3048),
    times("UsSurveyFoot", 1200.0 / 3937.0),
    times("Inch", 2.54e-2),
    times("Mil", 2.54e-5),
    times("NauticalMile", 1852.0),
    times("Fathom", 1.8288),
    times("Shackle", 27.432),
    times("Microinch", 2.54e-8),
    times("PrinterPoint", 2.54e-2 / 72.27),
    times("DtpPoint", 2.54e-2 / 72.0),
    per("PrinterPica", 237.106_301_584),
    per("DtpPica", 236.220_472_441),
    per("Twip", 56_692.913_385_826),
    times("Hand", 1.016e-1),
    times("AstronomicalUnit", 1.495_978_707e11),
    times("Parsec", 3.085_677_581_28e16).with(&[KILO, MEGA]),
    times("LightYear", 9.460_730_472_58e15).with(&[KILO, MEGA]),
    times("SolarRadius", 6.9551e8),
    times("Chain", 20.1168),
    times("Angstrom", 1e-10),
    times("DataMile", 1828.8),
];

/// Against kilograms.
pub(super) const MASS: &[Unit] = &[
    per("Gram", 1e3).with(&[NANO, MICRO, MILLI, CENTI, DECI, DECA, HECTO, KILO]),
    times("Tonne", 1e3).with(&[KILO, MEGA]),
    times("ShortTon", 907.184_74),
    times("LongTon", 1_016.046_908_8),
    times("Pound", 0.453_592_37).with(&[KILO, MEGA]),
    times("Ounce", 0.028_349_523_125),
    per("Slug", 6.852_176_556_196_105e-2),
    per("Stone", 0.157_473_172_870_269_8),
    per("ShortHundredweight", 0.022_046_226_218_487_758),
    per("LongHundredweight", 0.019_684_130_552_221_21),
    per("Grain", 15_432.358_352_941_431),
    times("SolarMass", 1.989_47e30),
    times("EarthMass", 5.9722e24),
];

/// Against meters per second.
pub(super) const SPEED: &[Unit] = &[
    times("MeterPerSecond", 1.0).with(&[NANO, MICRO, MILLI, CENTI, DECI, KILO]),
    per("MeterPerMinute", 60.0).with(&[NANO, MICRO, MILLI, CENTI, DECI, KILO]),
    per("MeterPerHour", 3600.0).with(&[MILLI, CENTI, KILO]),
    times("FootPerSecond", 0.3048),
    times("FootPerMinute", 0.3048 / 60.0),
    times("FootPerHour", 0.3048 / 3600.0),
    times("UsSurveyFootPerSecond", 1200.0 / 3937.0),
    times("UsSurveyFootPerMinute", 1200.0 / 3937.0 / 60.0),
    times("UsSurveyFootPerHour", 1200.0 / 3937.0 / 3600.0),
    times("InchPerSecond", 2.54e-2),
    times("InchPerMinute", 2.54e-2 / 60.0),
    times("InchPerHour", 2.54e-2 / 3600.0),
    times("YardPerSecond", 0.9144),
    times("YardPerMinute", 0.9144 / 60.0),
    times("YardPerHour", 0.9144 / 3600.0),
    times("Knot", 0.514_444),
    times("MilePerHour", 0.447_04),
];

/// Zero on the scale of Celsius.
const FREEZING: f64 = 273.15;

/// Against kelvins.
pub(super) const TEMPERATURE: &[Unit] = &[
    times("Kelvin", 1.0),
    shifted("DegreeCelsius", 1.0, FREEZING),
    shifted("MillidegreeCelsius", 1e-3, FREEZING),
    shifted("DegreeDelisle", -2.0 / 3.0, 373.15),
    shifted("DegreeFahrenheit", 5.0 / 9.0, 459.67 * 5.0 / 9.0),
    shifted("DegreeNewton", 100.0 / 33.0, FREEZING),
    times("DegreeRankine", 5.0 / 9.0),
    shifted("DegreeReaumur", 1.25, FREEZING),
    shifted("DegreeRoemer", 40.0 / 21.0, FREEZING - 7.5 * 40.0 / 21.0),
    times("SolarTemperature", 5778.0),
];

/// Against cubic meters.
pub(super) const VOLUME: &[Unit] = &[
    times("CubicMeter", 1.0).with(&[HECTO, KILO]),
    per("Liter", 1e3).with(&[MICRO, MILLI, CENTI, DECI, DECA, HECTO, KILO, MEGA]),
    times("CubicKilometer", 1e9),
    times("CubicHectometer", 1e6),
    per("CubicDecimeter", 1e3),
    per("CubicCentimeter", 1e6),
    per("CubicMillimeter", 1e9),
    per("CubicMicrometer", 1e18),
    times("CubicMile", 4.168_181_825_440_58e9),
    times("CubicYard", 0.764_554_858),
    times("CubicFoot", 0.028_316_8).with(&[HECTO, KILO, MEGA]),
    times("CubicInch", 1.6387e-5),
    times("ImperialGallon", 0.004_546_090_000_001_814).with(&[KILO, MEGA]),
    times("ImperialOunce", 2.841_306_249_996_29e-5),
    times("ImperialPint", 5.682_612_5e-4),
    times("ImperialBeerBarrel", 0.163_659_24),
    times("UsGallon", 0.003_785_41).with(&[DECI, DECA, HECTO, KILO, MEGA]),
    times("UsOunce", 2.957_352_956_253_760_5e-5),
    times("UsPint", 4.731_764_73e-4),
    times("UsQuart", 9.463_529_46e-4),
    times("UsBeerBarrel", 0.117_347_765_8),
    times("UsTablespoon", 1.478_676_478_125e-5),
    times("UsTeaspoon", 4.928_921_593_75e-6),
    times("UsCustomaryCup", 0.000_236_588_236_5),
    times("UsLegalCup", 0.000_24),
    times("AuTablespoon", 2e-5),
    times("UkTablespoon", 1.5e-5),
    times("MetricTeaspoon", 0.5e-5),
    times("MetricCup", 0.000_25),
    times("OilBarrel", 0.158_987_294_928),
    times("BoardFoot", 2.359_737_215_8e-3),
    per("AcreFoot", 0.000_810_714),
];
