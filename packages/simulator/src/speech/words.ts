const list = (text: string) => text.split(/[|\n]+/).map((word) => word.trim());

/** Words of callers and of agents. */
export const WORDS = {
  first_name:
    list(`Ada|Amir|Beatriz|Bilal|Carmen|Chidi|Dana|Dmitri|Elena|Esther|Farah|Fergus|Gloria|Guillermo|Hana|Hugo
    Ines|Ivo|Jamila|Jerome|Kenji|Kirsten|Leila|Lorenzo|Magda|Malcolm|Nadia|Nnamdi|Olga|Oscar|Paloma|Pritha|Quentin
    Rafael|Rosalind|Samira|Stellan|Tamsin|Tobias|Ursula|Viktor|Wanda|Winston|Xenia|Yusuf|Zelda|Zoltan`),
  last_name:
    list(`Abernathy|Achebe|Bergstrom|Bouchard|Castellanos|Chowdhury|Delacroix|Dvorak|Eriksen|Espinoza|Fairweather
    Fitzgerald|Gallagher|Goldstein|Hashimoto|Holloway|Ibarra|Ivanova|Jankowski|Johansson|Kaminski|Kowalczyk|Lindqvist
    Lombardi|McAllister|Mukherjee|Nakamura|Novotny|O'Sullivan|Okonkwo|Papadakis|Petrosyan|Quigley|Ramaswamy|Rosenthal
    Santangelo|Schreiber|Takahashi|Thibodeaux|Underwood|Vasquez|Venkatesan|Whitaker|Wojcik|Yamamoto|Zielinski`),
  street:
    list(`Alder Lane|Birchwood Avenue|Cathedral Street|Crooked Creek Road|Dovetail Court|Eastgate Terrace|Fern Hollow
    Granary Wharf|Hawthorn Drive|Ironmonger Row|Juniper Close|Kestrel Way|Larkspur Boulevard|Millrace Path|North Quay
    Old Tannery Road|Pepperidge Circle|Quarry Bank|Ridgeline Drive|Saddler's Yard|Thistledown Street|Upper Mall
    Vineyard Hill|Weaver Street|Yarrow Place|Zephyr Court`),
  city: list(`Ashford|Brookhaven|Cedar Falls|Dunmore|Eastleigh|Fairhaven|Glenwood|Harrowgate|Inverness|Jasper|Kingsport
    Lakemont|Mapleton|Norwood|Oakridge|Pinehurst|Queensbury|Riverton|Stonebridge|Thornbury|Westhaven|Yarmouth`),
  weekday: list("Monday|Tuesday|Wednesday|Thursday|Friday|Saturday"),
  part_of_day: list(
    "early in the morning|before noon|around lunch|after two|late in the afternoon|in the evening",
  ),
  person:
    list(`my wife|my husband|my daughter|my son|my mother|my neighbour|my manager|my roommate|the landlord
    my business partner|my grandfather|the caretaker|my sister-in-law|a colleague|the previous tenant`),
  job: list(`the leaking water heater|a blocked kitchen drain|a cracked molar|my six-month cleaning|a chipped windscreen
    the squeaking brakes|a burst radiator valve|a limping retriever|the yearly vaccination|a broken retainer
    the flickering hallway lights|a table for our anniversary|a root canal follow-up|my contact lens fitting
    a timing belt replacement|a rattling extractor fan|the quarterly tax filing|a lost parcel|a colour and trim
    a swollen ankle|the boundary survey|a roof inspection|an allergy test|the piano tuning|my boiler service
    a gearbox that slips in third|a termite inspection|the wedding cake tasting|a repeat prescription`),
  thing:
    list(`warranty card|referral letter|purchase receipt|insurance certificate|meter reading|parking permit|x-ray
    gate code|serial number|vaccination booklet|floor plan|deposit|loyalty card|spare key|packing list|gift voucher`),
  insurer:
    list(`Bluestone Mutual|Cobalt Health|Evergreen Dental|Harbor Life|Meridian Care|Northstar Benefit|Sentinel Plus
    Union Provident|Wayfarer Assurance`),
  feeling:
    list(`a bit worried|quite relieved|rather annoyed|in no hurry|completely lost|surprised|under some pressure
    very grateful|confused by the letter|hopeful|tired of waiting`),
  mishap:
    list(`it started dripping through the ceiling|the app kept logging me out|nobody rang back|the part did not fit
    the swelling got worse overnight|I found it behind the dryer|the courier left it next door|the alarm went off twice
    it made a grinding noise on the hill|the invoice had somebody else's name on it|my card was charged two times
    the dog chewed through the bandage|the pilot light went out|it smells like burnt plastic|the handle came off`),
  filler: list("Um,|Well,|So,|Right,|Okay,|Let me think,|Honestly,|Hmm,|Actually,|Sorry,|Yeah,|I mean,"),
} as const;
