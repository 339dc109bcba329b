"""Microsoft Presidio's image analyzer: Tesseract's words, Presidio's recognizers for what the set holds.

spaCy's language models do not come from the package registry; without one Presidio has its patterns, check digits
and context words, and no names or places, which are not scored here.
"""

import common
import spacy
import tldextract
from PIL import Image
from presidio_analyzer import AnalyzerEngine, RecognizerRegistry
from presidio_analyzer.nlp_engine import SpacyNlpEngine
from presidio_analyzer.predefined_recognizers import (
    CreditCardRecognizer,
    EmailRecognizer,
    IbanRecognizer,
    InAadhaarRecognizer,
    InPanRecognizer,
    InPassportRecognizer,
    PhoneRecognizer,
    UsPassportRecognizer,
)
from presidio_image_redactor import ImageAnalyzerEngine

NAMES = {
    "CREDIT_CARD": "card",
    "EMAIL_ADDRESS": "email",
    "IBAN_CODE": "iban",
    "IN_AADHAAR": "aadhaar",
    "IN_PAN": "pan",
    "IN_PASSPORT": "document",
    "PHONE_NUMBER": "phone",
    "US_PASSPORT": "document",
}
# Below it stand patterns without a check digit: with them every word of ten letters is an Indian tax number.
SCORE_MIN = 0.35
REGIONS = ("IT", "ES", "PT", "GB", "IN", "US")


# The list of top-level domains that it brings, instead of asking the network for a newer one each time.
tldextract.extract = tldextract.TLDExtract(suffix_list_urls=())


class BlankEngine(SpacyNlpEngine):
    """Tokens and nothing else."""

    def __init__(self):
        super().__init__()
        self.nlp = {"en": spacy.blank("en")}

    def is_loaded(self):
        return True

    def load(self):
        """Already there."""


def engine():
    registry = RecognizerRegistry(supported_languages=["en"])
    for recognizer in (
        CreditCardRecognizer(),
        EmailRecognizer(),
        IbanRecognizer(),
        InAadhaarRecognizer(),
        InPanRecognizer(),
        InPassportRecognizer(),
        PhoneRecognizer(supported_regions=REGIONS),
        UsPassportRecognizer(),
    ):
        registry.add_recognizer(recognizer)
    return ImageAnalyzerEngine(analyzer_engine=AnalyzerEngine(registry=registry, nlp_engine=BlankEngine(), supported_languages=["en"]))


analyzer = engine()


def analyze(path):
    # Scaled as the product's `view` rendition is, in whose pixels regions are compared.
    image = Image.open(path).convert("RGB")
    image.thumbnail((1600, 1600))
    found = analyzer.analyze(image, ocr_kwargs={"lang": "eng+ita+spa+por+hin"}, language="en", entities=list(NAMES), score_threshold=SCORE_MIN)
    return {
        "findings": [
            {
                "kind": "pii." + NAMES[each.entity_type],
                "value": "",
                "region": common.box(each.left, each.top, each.width, each.height),
            }
            for each in found
            if each.entity_type in NAMES
        ]
    }


common.run("personal", analyze)
