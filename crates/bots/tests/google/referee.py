"""Holds our requests to Dialogflow against Google's own types, and renders answers with them.

    pip install google-cloud-dialogflow google-cloud-dialogflow-cx
    python referee.py          # fails when a request is not Google's, or an answer here is not as Google renders it
    python referee.py --write  # writes the answers anew

`requests/` holds what our code sends and `answers/` what it reads; tests/dialogflow.rs compares both with the code.
Google's parser of JSON refuses members, values and enumerations that its types do not have.
"""

import json
import sys
from pathlib import Path

from google.cloud import dialogflow_v2 as es
from google.cloud import dialogflowcx_v3 as cx
from google.protobuf import json_format

HERE = Path(__file__).parent


def es_message(**of):
    return es.Intent.Message(**of)


def es_answer(**result):
    return es.DetectIntentResponse(response_id="r-1", query_result=es.QueryResult(language_code="it", **result))


def cx_answer(*messages):
    result = cx.QueryResult(language_code="it", response_messages=list(messages), parameters={"size": "large"})
    return cx.DetectIntentResponse(response_id="r-1", query_result=result)


def says(*lines):
    return cx.ResponseMessage(text=cx.ResponseMessage.Text(text=list(lines)))


ANSWERS = {
    "es/asks": es_answer(
        query_text="altra misura",
        action="size.ask",
        all_required_params_present=True,
        fulfillment_text="Che misura?",
        fulfillment_messages=[
            es_message(text=es.Intent.Message.Text(text=["Che misura?"])),
            es_message(
                quick_replies=es.Intent.Message.QuickReplies(title="Scelga:", quick_replies=["Grande", "Piccola"])
            ),
            es_message(
                text=es.Intent.Message.Text(text=["Only on Telegram"]), platform=es.Intent.Message.Platform.TELEGRAM
            ),
            es_message(
                card=es.Intent.Message.Card(
                    title="Le misure",
                    subtitle="in centimetri",
                    image_uri="https://example.org/sizes.png",
                    buttons=[
                        es.Intent.Message.Card.Button(text="Grande", postback="large"),
                        es.Intent.Message.Card.Button(text="Tabella", postback="https://example.org/sizes"),
                    ],
                )
            ),
            es_message(image=es.Intent.Message.Image(image_uri="https://example.org/door.png")),
        ],
        intent=es.Intent(name="projects/desk/agent/intents/1", display_name="size"),
        intent_detection_confidence=0.87,
        parameters={"size": "", "count": 2},
    ),
    "es/only_fulfillment_text": es_answer(fulfillment_text="Cambiata."),
    "es/ends": es_answer(
        fulfillment_messages=[es_message(text=es.Intent.Message.Text(text=["Arrivederci."]))],
        intent=es.Intent(display_name="bye", end_interaction=True),
        diagnostic_info={"end_conversation": True},
    ),
    "es/wants_a_person_by_intent": es_answer(
        fulfillment_messages=[es_message(text=es.Intent.Message.Text(text=["Un momento."]))],
        intent=es.Intent(display_name="Talk to a person"),
    ),
    "es/wants_a_person_by_payload": es_answer(fulfillment_messages=[es_message(payload={"handoff": True})]),
    "es/wants_a_person_by_webhook": es_answer(webhook_payload={"handoff": True, "text": "Un momento."}),
    "es/is_silent": es_answer(),
    "cx/asks": cx_answer(
        says("Che misura?"),
        cx.ResponseMessage(
            payload={
                "richContent": [
                    [
                        {"type": "chips", "options": [{"text": "Grande"}, {"text": "Piccola"}]},
                        {"type": "image", "rawUrl": "https://example.org/sizes.png"},
                    ]
                ]
            }
        ),
        cx.ResponseMessage(conversation_success=cx.ResponseMessage.ConversationSuccess(metadata={"kind": "size"})),
    ),
    "cx/ends": cx_answer(
        says("Arrivederci."), cx.ResponseMessage(end_interaction=cx.ResponseMessage.EndInteraction())
    ),
    "cx/wants_a_person": cx_answer(
        says("Un momento."),
        cx.ResponseMessage(live_agent_handoff=cx.ResponseMessage.LiveAgentHandoff(metadata={"team": "sales"})),
    ),
    "cx/is_silent": cx_answer(),
}

REQUESTS = {"es": es.DetectIntentRequest, "cx": cx.DetectIntentRequest}


def rendered(answer):
    """As Google's servers write it: what has its default value is left out."""
    return json_format.MessageToJson(type(answer).pb(answer), indent=2, ensure_ascii=False) + "\n"


def check_requests():
    count = 0
    for kind, request in REQUESTS.items():
        for path in sorted((HERE / kind / "requests").glob("*.json")):
            text = path.read_text()
            parsed = request.from_json(text)
            # What was understood is what was written, not a part of it.
            again = json_format.MessageToDict(request.pb(parsed))
            assert again == json.loads(text), f"{path}: Google reads {again}"
            count += 1
    assert count == 6, f"{count} requests"


def check_answers(write):
    for name, answer in ANSWERS.items():
        kind, file = name.split("/")
        path = HERE / kind / "answers" / f"{file}.json"
        if write:
            path.write_text(rendered(answer))
        assert json.loads(path.read_text()) == json.loads(rendered(answer)), f"{path} is not as Google renders it"
    kept = {f"{p.parent.parent.name}/{p.stem}" for p in HERE.glob("*/answers/*.json")}
    assert kept == set(ANSWERS), f"answers that nobody renders: {kept ^ set(ANSWERS)}"


check_requests()
check_answers(write="--write" in sys.argv[1:])
print(f"{len(ANSWERS)} answers, 6 requests: as Google's types have them")
