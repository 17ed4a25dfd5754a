"""Headers as scanners write them, and what is to be made of each; the forms' sources are in ``forms.py``."""

from __future__ import annotations

VMI = "DERIVED\\PRIMARY\\AXIAL\\VMI"
PLAIN = "ORIGINAL\\PRIMARY\\AXIAL"

# What -> headers, name of the answer, confidence.
DECIDED = {
    # The standard's own attributes.
    "standard VMI": (
        {"ImageType": VMI, "MonoenergeticEnergyEquivalent": "60", "MultienergyCTAcquisition": "YES"},
        "M60", 0.95,
    ),
    "standard VMI, other energy": (
        {"ImageType": VMI, "MonoenergeticEnergyEquivalent": "70"},
        "monoenergetic 70 keV, none of the six", 0.95,
    ),
    "VMI, energy in the description": (
        {"ImageType": VMI, "SeriesDescription": "Abdomen 40 keV"}, "M40", 0.6,
    ),
    "standard algorithm, filtered": ({"ReconstructionAlgorithm": "FILTER_BACK_PROJ"}, "FBP", 0.95),
    "standard algorithm, iterative": ({"ReconstructionAlgorithm": "ITERATIVE"}, "IR", 0.95),
    # Siemens.
    "Siemens Monoenergetic Plus": (
        {
            "SeriesDescription": "DE Abdomen  2.0  Q30s  2 Monoenergetic Plus 60 keV",
            "ConvolutionKernel": "Q30s\\2", "KVP": "150", "ImageType": PLAIN,
        },
        "M60", 0.8,
    ),
    "Siemens Mono+": ({"SeriesDescription": "Abd Mono+ 40keV", "ConvolutionKernel": "Qr40\\3"}, "M40", 0.6),
    "syngo.via": ({"SeriesDescription": "mono 80 keV"}, "M80", 0.8),
    "Siemens optimum contrast": (
        {"SeriesDescription": "DE_Abd Optimum Contrast", "ConvolutionKernel": "Qr40\\3"}, "OPT", 0.8,
    ),
    "Siemens SAFIRE 3": ({"ConvolutionKernel": "I30f\\3", "KVP": "120"}, "IR, strength 3", 0.9),
    "Siemens SAFIRE without strength": ({"ConvolutionKernel": "I30f"}, "IR", 0.9),
    "Siemens ADMIRE 3": ({"ConvolutionKernel": "Br40d\\3"}, "IR, strength 3", 0.9),
    "Siemens ADMIRE 5, as a list": ({"ConvolutionKernel": ["Br40f", "5"]}, "IR, strength 5", 0.9),
    "Siemens, a printed list": ({"ConvolutionKernel": "['Br40f', '3']"}, "IR, strength 3", 0.9),
    "Siemens, value and strength in one": ({"ConvolutionKernel": "Hr38s3"}, "IR, strength 3", 0.9),
    "Siemens FBP, older": ({"ConvolutionKernel": "B30f", "KVP": "120"}, "FBP", 0.55),
    "Siemens FBP, Br40": ({"ConvolutionKernel": "Br40"}, "FBP", 0.55),
    "Siemens FBP, Qr40": ({"ConvolutionKernel": "Qr40"}, "FBP", 0.55),
    "Siemens FBP, dual energy": ({"ConvolutionKernel": "D30f"}, "FBP", 0.55),
    "Siemens, blend of both tubes": (
        {"SeriesDescription": "DE_Abdomen  1.5  Br40  3  F_0.5", "ConvolutionKernel": "Br40d\\3"},
        "IR, strength 3", 0.9,
    ),
    "Siemens, one tube": (
        {"SeriesDescription": "DE_Abdomen  1.5  Qr40  A_80kV", "ConvolutionKernel": "Qr40d", "KVP": "80"},
        "FBP", 0.55,
    ),
    # GE.
    "GE private energy beside KVP": (
        {"GEMonochromaticEnergy": "80", "KVP": "140", "ConvolutionKernel": "STANDARD"}, "M80", 0.9,
    ),
    "GE MONO": ({"SeriesDescription": "MONO 60 keV", "ConvolutionKernel": "STANDARD"}, "M60", 0.8),
    "GE VMI": ({"SeriesDescription": "VMI 40 keV", "KVP": "140"}, "M40", 0.6),
    "GE annotation": ({"GEImageBrowserAnnotation": "80keV", "KVP": "140"}, "M80", 0.6),
    "GE ASiR": ({"SeriesDescription": "2.5mm STND ASIR_50", "ConvolutionKernel": "STANDARD"}, "IR", 0.8),
    "GE ASiR-V": ({"SeriesDescription": "ABD ASiR-V 40%", "ConvolutionKernel": "STANDARD"}, "IR", 0.8),
    # Philips.
    "Philips MonoE": (
        {"SeriesDescription": "MonoE 40keV[HU]", "ConvolutionKernel": "B", "KVP": "120"}, "M40", 0.8,
    ),
    "Philips MonoE, other energy": (
        {"SeriesDescription": "MonoE 120keV[HU]", "KVP": "120"},
        "monoenergetic 120 keV, none of the six", 0.8,
    ),
    "Philips iDose level": ({"PhilipsIDoseLevel": "4", "ConvolutionKernel": "B"}, "IR", 0.9),
    "Philips iDose": ({"SeriesDescription": "Abd, iDose (4)", "ConvolutionKernel": "B"}, "IR", 0.8),
    "Philips IMR": ({"ConvolutionKernel": "IMR1,Brain Routi"}, "IR", 0.6),
    # Canon.
    "Canon monochromatic": (
        {"SeriesDescription": "Monochromatic 60keV", "ConvolutionKernel": "FC08"}, "M60", 0.6,
    ),
    "Canon AIDR": (
        {"SeriesDescription": "CTA AIDR 3D STD", "ConvolutionKernel": "FC08", "KVP": "120"}, "IR", 0.8,
    ),
    "Canon filter": ({"CanonFilter": "AIDR 3D STD", "ConvolutionKernel": "FC08"}, "IR", 0.8),
    "Canon without AIDR": ({"CanonFilter": "ORG", "ConvolutionKernel": "FC08"}, "FBP", 0.8),
    "Canon AiCE": (
        {"SeriesDescription": "AiCE Body Standard"}, "deep-learning reconstruction, none of the six", 0.6,
    ),
    # Ours.
    "our own output": ({"SeriesDescription": "Abdomen portal (M80)"}, "M80", 0.8),
    # Traps.
    "keV in the protocol's name of a blend": (
        {
            "ProtocolName": "DE Abdomen Mono 60 keV", "SeriesDescription": "DE_Abdomen  1.5  Br40  F_0.5",
            "ConvolutionKernel": "Br40",
        },
        "FBP", 0.55,
    ),
    "80 in a kernel": ({"ConvolutionKernel": "Br80", "KVP": "120"}, "FBP", 0.55),
    "80 kV is no 80 keV": ({"KVP": "80", "ConvolutionKernel": "I30f\\2"}, "IR, strength 2", 0.9),
    "80 kV in the description": (
        {"SeriesDescription": "Abd 80 kV", "ConvolutionKernel": "B30f"}, "FBP", 0.55,
    ),
    "an iterative statement against a bare kernel": (
        {"SeriesDescription": "ASIR_50", "ConvolutionKernel": "B30f"}, "IR", 0.8,
    ),
    "iodine contrast is no iodine map": (
        {"SeriesDescription": "Abdomen iodine contrast portal", "ConvolutionKernel": "B30f"}, "FBP", 0.55,
    ),
    "KVP that is no number": ({"KVP": "Sn150", "ConvolutionKernel": "I30f\\3"}, "IR, strength 3", 0.9),
    "an impossible energy beside a real one": (
        {"MonoenergeticEnergyEquivalent": "0", "SeriesDescription": "MonoE 60keV[HU]"}, "M60", 0.8,
    ),
}  # fmt: skip

# What -> headers, the candidates.
UNCERTAIN = {
    "VMI without an energy": ({"ImageType": VMI}, ["monoenergetic at an unknown energy"]),
    "tag against description": (
        {"MonoenergeticEnergyEquivalent": "60", "SeriesDescription": "Monoenergetic Plus 80 keV"},
        ["M60", "M80"],
    ),
    "monoenergetic against optimum contrast": (
        {"GEMonochromaticEnergy": "60", "SeriesDescription": "Optimum Contrast"}, ["M60", "OPT"],
    ),
    "kernel with strength against FBP": (
        {"ConvolutionKernel": "Br40\\3", "SeriesDescription": "Abd FBP"}, ["IR", "FBP"],
    ),
    "a range of energies": (
        {"SeriesDescription": "Mono+ 40-80 keV"}, ["M40", "M80"],
    ),
    "keV in the protocol's name only": (
        {"ProtocolName": "DE Abdomen 60 keV", "SeriesDescription": "Abdomen 1.5"}, ["M60"],
    ),
    "keV in the protocol's name, kernel with strength": (
        {"ProtocolName": "DE Abdomen 60 keV", "ConvolutionKernel": "Br40d\\3"}, ["M60", "IR"],
    ),
    "kV written like keV": (
        {"SeriesDescription": "Abd 120 keV", "KVP": "120", "ConvolutionKernel": "Br40"},
        ["monoenergetic 120 keV", "FBP"],
    ),
    "keV written into KVP": ({"KVP": "40"}, ["M40"]),
    "GE kernel alone": ({"ConvolutionKernel": "STANDARD", "KVP": "120"}, ["FBP", "IR"]),
    "Canon kernel alone": ({"ConvolutionKernel": "FC08"}, ["FBP", "IR"]),
    "Philips kernel alone": ({"ConvolutionKernel": "YB"}, ["FBP", "IR"]),
    "an unverified word against a bare kernel": (
        {"SeriesDescription": "Abdomen ADMIRE 3", "ConvolutionKernel": "Br40"}, ["IR", "FBP"],
    ),
    "multi-energy and nothing else": ({"MultienergyCTAcquisition": "YES"}, ["FBP", "IR"]),
}  # fmt: skip

UNKNOWN = {
    "no headers": {},
    "tube voltage alone": {"KVP": "120", "Modality": "CT"},
    "a description that says nothing": {"SeriesDescription": "Abdomen portal 3.0", "ImageType": PLAIN},
    "an unknown kernel": {"ConvolutionKernel": "SHARP-7-X"},
    "empty values": {"SeriesDescription": "", "ConvolutionKernel": None, "KVP": " "},
}

MAPS = {
    "standard material map": {"ImageType": "DERIVED\\PRIMARY\\AXIAL\\MAT_SPECIFIC"},
    "standard virtual non-contrast": {
        "ImageType": "DERIVED\\PRIMARY\\AXIAL\\MAT_REMOVED", "MonoenergeticEnergyEquivalent": "60",
    },
    "standard Zeff": {"ImageType": "DERIVED\\PRIMARY\\AXIAL\\EFF_ATOMIC_NUM"},
    "standard Zeff, as dcm2niix splits it": {
        "ImageType": ["DERIVED", "PRIMARY", "AXIAL", "EFF", "ATOMIC", "NUM"],
    },
    "standard electron density": {"ImageType": "DERIVED\\PRIMARY\\AXIAL\\ELECTRON_DENSITY"},
    "unit mg/mL": {"RescaleType": "MGML", "ConvolutionKernel": "B"},
    "unit Zeff": {"RescaleType": "Z_EFF"},
    "unit electron density": {"RescaleType": "EDW"},
    "GE material density": {"ImageType": "DERIVED\\SECONDARY\\AXIAL\\GSI MD"},
    "GE iodine": {"SeriesDescription": "2.5mm IODINE(WATER)"},
    "Philips iodine": {"SeriesDescription": "Iodine Density[mg/ml]"},
    "Philips iodine, no water": {"SeriesDescription": "Iodine no Water[mg/ml]"},
    "Philips Zeff": {"SeriesDescription": "Z Effective[no unit]"},
    "Philips calcium suppression": {"SeriesDescription": "Calcium Suppression 25 Index[HU*]"},
    "Philips electron density": {"SeriesDescription": "Electron Density[%EDW]"},
    "Philips uric acid": {"SeriesDescription": "Uric Acid[HU*]"},
    "Siemens rho/Z": {"SeriesDescription": "DE Caput  2.0  Q30s  2 RhoZ Rho"},
    "virtual non-contrast": {"SeriesDescription": "Liver_VNC", "ConvolutionKernel": "Qr40\\3"},
    "virtual unenhanced": {"SeriesDescription": "Virtual Unenhanced"},
    "fat fraction": {"SeriesDescription": "Liver Fat Fraction"},
    "perfusion": {"SeriesDescription": "Liver perfusion maps"},
    "blood flow": {"SeriesDescription": "Blood Flow"},
}  # fmt: skip
