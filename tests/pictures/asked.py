"""What visitors of the made-up company ask, over four weeks."""

# What an article answers; `wrong` when the bot is sure of something else.
ANSWERED = (
    "How do I pause my subscription?",
    "What does a pause cost a month?",
    "When does the pause begin?",
    "Can I end my pause earlier?",
    "How much notice do I need to cancel?",
    "When do I get my deposit back?",
    "What does the electric bike cost?",
    "Is there a discount for students?",
    "How high is the deposit?",
    "My bike was stolen, what do I do?",
    "What do I pay after a theft?",
    "I have a flat tyre, who repairs it?",
    "How fast does the repair van come?",
    "How long does the battery need to charge?",
    "How far can I ride with a full battery?",
    "Why is the light of the charger red?",
    "What does delivery cost?",
    "How long does delivery take?",
    "May my girlfriend ride the bike?",
    "Can I have a child seat?",
    "How do I change to the electric plan?",
    "Which cards can I pay with?",
    "Where do I find my invoices?",
    "What happens if a payment fails?",
    "I crashed, how much does the damage cost?",
    "How do I change my address?",
    "Which frame size fits me? I am 172 cm tall.",
    "How do I invite a friend?",
    "When is the shop open on Saturday?",
    "Do you have winter tyres?",
    "Can I try a bike before I order?",
    "What do I need when the bike is delivered?",
)

# Before and after the article about trains was written, half-way through.
TRAINS = (
    "Can I take the bike on the train?",
    "Am I allowed to take my bike on a train?",
    "Is it okay to take the bike with me on the train?",
    "Can the electric bike go on the train?",
    "May I take my Tidewheel bike on a train?",
    "Can I take the bike on a train to Berlin?",
    "May I bring the bike on the train?",
    "Can I take my bike on the train?",
    "Is the bike allowed on trains?",
    "Can I travel on the train with the bike?",
)
TRAIN_ARTICLE = """# Can I take the bike on a train?

Yes. You may take your Tidewheel bike on every train that takes bikes. You need a ticket for it,
which you buy from the railway. Take the battery of an electric bike along in your bag.

A cargo bike is too long for most trains.
"""

# Topics that no article covers: the questions, and what an agent answers.
UNKNOWN = (
    (
        (
            "Can I take the bike on holiday to Denmark?",
            "May I ride the bike in Denmark?",
            "Am I allowed to take the bike to another country?",
            "Can I take my bike abroad on holiday?",
            "Is the theft cover valid in Denmark?",
            "May I take the bike to Sweden for two weeks?",
        ),
        (
            "You may take the bike abroad for up to six weeks. Theft cover and repairs hold in "
            "Germany, Denmark and the Netherlands. Elsewhere, get another shop's agreement from us "
            "before a repair."
        ),
    ),
    (
        (
            "Do you offer bikes for companies?",
            "Can my company lease bikes for its staff?",
            "Is there an offer for businesses with ten employees?",
            "Can I get the bike through my employer?",
        ),
        (
            "From five bikes on there is a company plan: one invoice, 10% less, and a service day "
            "at your office every quarter."
        ),
    ),
    (
        (
            "I lost my key, how do I get a new one?",
            "The key of my lock is gone. Can I get a new one?",
            "How much is a new key for the lock?",
        ),
        (
            "A new key costs 12 euros. Tell us the number on the lock, and it is in your letter "
            "box within three working days."
        ),
    ),
)

# What agents answered from the large model's drafts; the reply and its price.
BY_LARGE_MODEL = (
    ("Is the cargo bike or the electric bike cheaper for a year?",
     "The Electric plan costs 828 euros a year and the Cargo plan 1,308 euros.", 0.0042),
    ("We are two adults and a child of 18 kg, which plan suits us?",
     "The Electric plan with a child seat for 3 euros a month carries up to 22 kg.", 0.0051),
    ("If I pause in March and cancel in April, do I pay for April?",
     "You may cancel at the end of each month with seven days' notice, so April is charged.",
     0.0047),
)  # fmt: skip

GOLDEN = (
    ("pause-cost", "What does it cost to pause?", "how-do-i-pause-my-subscription.md",
     "While you pause, you pay 4 euros a month and keep your bike."),
    ("pause-begin", "When does a pause begin?", "how-do-i-pause-my-subscription.md",
     "A pause begins on the first day of the next month."),
    ("cancel-notice", "How much notice do I have to give?", "how-do-i-cancel.md",
     "You can cancel at the end of each month, with seven days' notice."),
    ("deposit-back", "When is the deposit paid back?", "how-do-i-cancel.md",
     "The deposit of 80 euros is paid back within ten days after the bike was returned."),
    ("battery-time", "How long does an empty battery take to charge?",
     "how-do-i-charge-the-battery.md", "An empty battery is full after four hours."),
    ("battery-range", "How far does a full battery take me?", "how-do-i-charge-the-battery.md",
     "A full battery takes you 60 to 90 kilometres"),
    ("puncture-van", "How quickly does the repair van come?", "how-do-i-get-a-puncture-repaired.md",
     "Our van comes to you within one working day"),
    ("delivery-cost", "What does delivery cost in the city?", "how-is-my-bike-delivered.md",
     "Delivery costs 12 euros in the city and 29 euros elsewhere."),
    ("payment-fee", "What is the fee for a failed payment?", "how-can-i-pay.md",
     "If it fails a second time, a fee of 5 euros is added."),
    ("child-seat", "What does a child seat cost?", "may-somebody-else-ride-my-bike.md",
     "A child seat costs 3 euros a month and carries up to 22 kilograms."),
)  # fmt: skip
GOLDEN_NOTHING = (
    ("motorbikes", "Do you rent out motorbikes?"),
    ("weather", "What will the weather be like on Sunday?"),
)
