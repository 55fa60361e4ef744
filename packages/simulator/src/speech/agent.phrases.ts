/** The phrases of agents. `{slots}` name other phrases, words or generated values. */
export const AGENT_PHRASES = {
  ask_name: [
    "Happy to help with that. May I have your full name, please?",
    "Let me pull up your file. Could you give me first and last name, and spell the last one?",
    "I see two entries for {last_name} in {city}. Which name is the booking under?",
  ],
  ask_phone: [
    "What's the best number to reach you {part_of_day}?",
    "I have {phone} on file. Is that still current, or should I change it?",
    "In case we get cut off, which number may I ring back?",
  ],
  ask_address: [
    "And the address for the visit, with the postcode if you have it?",
    "Our records say {house} {street}. Has that changed since {year}?",
    "Where should {first_name} go, and is there anything to know about access?",
  ],
  ask_when: [
    "The next openings are {weekday} at {time} and {date} at {time}. Would either suit you?",
    "Do you prefer a day before {date}, or is {weekday} {part_of_day} easier?",
    "{first_name} is out until {time} on {weekday}. Shall I look {part_of_day} instead?",
  ],
  ask_birth: [
    "To be sure I have the right record, what's the date of birth?",
    "Could you confirm the date of birth for {last_name}?",
  ],
  ask_insurance: [
    "Is this going through an insurer, or would you like to pay on the day?",
    "I still have {insurer} listed, number ending in {number}. Is that right?",
  ],
  ask_detail: [
    "How long has that been going on, and did anything change around {date}?",
    "I'm sorry to hear that. Do you have the {thing} at hand?",
    "Has anybody looked at it before, perhaps {first_name} or someone from {city}?",
    "Understood. And when you say that {mishap}, was that once or several times?",
    "Let me note that. Is there anything else {first_name} should bring for {job}?",
  ],
  ask_price: [
    "For {job} it would be {money}, and {money} if we find more. Is that alright?",
    "There's a call-out fee of {money}, which {insurer} usually refunds. Shall I go on?",
  ],
  agent_aside: [
    "That's covered as long as you keep the {thing}. I'll add a note for {first_name}.",
    "Yes, we do that as well. I've put {job} on the same visit, reference {code}.",
    "There's parking behind {house} {street}, the barrier opens with {digits}.",
    "I checked, and it's still here on the shelf, labelled {last_name}, {code}.",
    "No problem, take your time.",
  ],
  agent_before_tool: [
    "One moment while I check the calendar for {weekday}.",
    "Let me look that up under {last_name}.",
    "I'll just enter that, it takes a second or two.",
    "Checking what we have {part_of_day}.",
  ],
  agent_after_tool: [
    "I found {weekday}, {date}, at {time} with {first_name} {last_name}. The reference would be {code}.",
    "There it is: {job}, {date}, reference {code}, {money} still open.",
    "That's done. You'll get a message at {phone} with {code} in it.",
    "The system shows {number} openings; the earliest is {weekday} at {time} in {city}.",
  ],
  agent_bye: [
    "You're booked for {date} at {time}, confirmation {code}. Anything else I can do?",
    "All set. {first_name} will be there {weekday} {part_of_day}. Thanks for calling!",
    "Then I wish you a good {weekday}, and should it happen again, just mention {code}.",
  ],
  agent_transfer: [
    "Of course, I'm connecting you to {first_name} {last_name} now, please stay on the line.",
    "I understand. Let me hand you over to the desk in {city}.",
  ],
  agent_message: [
    "Hello, this is a message for {first_name} {last_name} about {job}. Please ring us back on {phone}, reference {code}.",
    "Hi, calling to confirm {weekday} at {time} for {job}. If that no longer works, our number is {phone}. Thank you.",
  ],
  machine: [
    "You have reached {first_name} {last_name}. I can't come to the phone right now, please leave a message after the tone.",
    "The person at extension {digits} is not available. At the tone, please record your message.",
  ],
  rule: [
    "Ask for the postcode before you promise a time; outside of {city} and {city} add {number} minutes.",
    "Never quote more than {money} without checking with {first_name} {last_name}.",
    "If someone says that {mishap}, offer {weekday} {part_of_day} first and note the {thing}.",
    "For {job} always confirm the {thing}, and read the reference back in groups of two.",
    "Callers insured with {insurer} pay nothing on the day; everyone else is told about the {money} deposit.",
    "Speak in short sentences, one question at a time, and spell names back.",
    "When a caller is {feeling}, slow down, and offer to connect them to {first_name} at {phone}.",
    "The office at {house} {street} is closed on {weekday} after {time}.",
  ],
} as const;
