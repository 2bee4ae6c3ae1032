"""Words of goods: spelling, what says nothing, and what one word implies in the tariff's language."""

from __future__ import annotations

_STOP_TEXT = """
    a about above across act additional all allow allowing allows also although am an and
    another any apart applicable applies apply approx approximately are as assorted at attached
    available back based be because been behalf being below between both bottom brand but by
    called can cases ce centimeters china chinese classification classified classify client cm
    code collectively color colors colour colours commission company complete composed comprised
    comprises consideration considered consist consisted consisting consists constituent
    constitute constructed consumer contain contained containing contains corp could country
    customs date dear decision deep depict depth described description designed details diameter
    different dimension dimensions does due duty each easily easy either end entirely essential
    etc exceeding exclusively fall feature featured features feet figured first five following
    foot for form four fourth from front ft further general generally goods gram grams gri
    ground had harmonized has have having headed heading height help helps high his however hts
    htsus i identified ii iii illustrate illustration image images import imported importer in
    inc inch inches include included includes including indicated individual individually
    information intended into invoice is it item items its keep kg known lb lbs least left
    length letter like liter literature litre located long ltd made mainly make manufactured
    manufacturer market marketed may mean means measure measures measuring mentioned merchandise
    meter meters metre millimeters ml mm model month months more most must name named nature
    nesoi new no nos not note notes number of office on one only onto or origin other otherwise
    ounce our over own oz packaged packed part particular parts per percent photograph place
    placed please presented primarily principal principally principle product products provide
    provided provides purpose pursuant put question quot range rate re received referred
    regulation related request requested rest retail retailed returned right roughly rule rules
    ruling said same sample samples schedule second section see sell seller several shall she
    should shown side sides similar size sized sku so sold some state stated states statute
    stitches style styles subheading subject submitted such suitable tall tariff than that the
    their them then there therefore thereof these they thick thickness third this those three
    through to together top two type types under uniform united up upon use used user uses using
    value various way we weigh weighs weight were when where whether which while who whole wide
    width will with within without would x you your
"""
# Words of letters, measures and tariffs that say nothing about the goods.
STOP = frozenset(_STOP_TEXT.split())

_SPELLINGS_TEXT = """
    fibre:fiber fibres:fiber jewellery:jewelry jewelled:jeweled aluminium:aluminum tyre:tire
    tyres:tire moulded:molded mould:mold moulds:mold pyjamas:pajama pyjama:pajama pajamas:pajama
    colour:color coloured:colored grey:gray plough:plow woollen:wool woolen:wool worsted:wool
    fertiliser:fertilizer vulcanised:vulcanized moisturiser:moisturizer sanitiser:sanitizer
    theatre:theater metre:meter litre:liter centre:center cosy:cozy doughnut:donut
    yoghurt:yogurt whiskey:whisky licence:license programme:program catalogue:catalog
    armour:armor flavour:flavor flavoured:flavored savoury:savory odour:odor knitted:knit
    knitting:knit knits:knit crochet:crocheted woven:woven weaved:woven women:women woman:women
    womens:women ladies:women lady:women female:women men:men man:men mens:men gentlemen:men
    male:men boys:boy girls:girl babies:baby infant:baby infants:baby toddler:baby newborn:baby
    tee:tshirt tees:tshirt tshirts:tshirt tights:tights trousers:trouser jeans:jeans
    shorts:shorts leggings:legging knives:knife leaves:leaf shelves:shelf scarves:scarf
    glasses:glasses eyeglasses:spectacle spectacles:spectacle shoes:shoe dishes:dish
    brushes:brush watches:watch boxes:box batteries:battery candies:candy toys:toy
    plastics:plastic cellphone:phone cellphones:phone smartphones:smartphone
    telephones:telephone tv:television televisions:television pc:computer teeth:tooth feet:foot
    geese:goose cosmetics:cosmetic accessories:accessory furs:fur lenses:lens luggages:luggage
    apparatuses:apparatus bicycles:bicycle bike:bicycle bikes:bicycle automobile:vehicle
    automobiles:vehicle automotive:vehicle cars:car vehicles:vehicle earrings:earring
    headphones:headphone earphones:earphone gloves:glove socks:sock canvas:canvas lens:lens
    christmas:christmas briefs:briefs series:series apparatus:apparatus gas:gas atlas:atlas
    chess:chess pants:pants roses:flower rose:flower leis:garland lei:garland kids:child
    kid:child children:child childrens:child childs:child
"""
# British, irregular and everyday spelling → the form in the index; a word that maps to itself keeps its s.
SPELLINGS: dict[str, str] = dict(pair.split(":") for pair in _SPELLINGS_TEXT.split())

_IMPLIED_TEXT = """
    polyester:synthetic,manmade nylon:synthetic,manmade polyamide:synthetic,manmade,nylon
    acrylic:synthetic,plastic,manmade spandex:synthetic,manmade elastane:synthetic,manmade
    lycra:synthetic,manmade microfiber:synthetic,manmade,polyester fleece:synthetic,knit
    rayon:artificial,manmade viscose:artificial,manmade modal:artificial,manmade
    lyocell:artificial,manmade acetate:artificial,manmade cashmere:wool,animal
    angora:wool,animal mohair:wool,animal merino:wool alpaca:wool,animal denim:cotton,woven
    terry:towelling linen:flax jute:bast ramie:flax polypropylene:plastic polyethylene:plastic
    pvc:plastic,vinyl vinyl:plastic,pvc abs:plastic polycarbonate:plastic polystyrene:plastic
    polyurethane:plastic silicone:plastic,rubber pet:polyethylene eva:plastic,foam resin:plastic
    polyresin:plastic melamine:plastic tpe:plastic tpu:plastic hdpe:polyethylene,plastic
    neoprene:rubber latex:rubber stainless:steel,iron steel:iron tinplate:steel,iron tin:steel
    zinc:metal brass:copper bronze:copper aluminum:metal alloy:metal mdf:wood plywood:wood
    oak:wood pine:wood birch:wood acacia:wood beech:wood walnut:wood rubberwood:wood
    teak:wood,tropical fiberboard:wood wooden:wood timber:wood stoneware:ceramic
    earthenware:ceramic terracotta:ceramic porcelain:ceramic,china dolomite:ceramic
    borosilicate:glass leatherette:plastic paperboard:paper cardboard:paper corrugated:paper
    sweater:pullover,jersey sweatshirt:pullover,jersey hoodie:pullover,jersey,sweatshirt
    jumper:pullover cardigan:pullover,sweater tshirt:singlet polo:shirt top:blouse blouse:shirt
    jeans:trouser,denim pants:trouser slacks:trouser chinos:trouser jogger:trouser
    legging:trouser,tights shorts:trouser trouser:pants gown:dress jacket:anorak,windbreaker
    parka:anorak,overcoat windbreaker:anorak raincoat:coat coat:overcoat underwear:briefs
    panties:briefs boxer:underpants nightgown:nightdress sleepwear:pajama,nightdress
    robe:bathrobe onesie:baby,garment bodysuit:garment romper:garment bikini:swimwear
    swimsuit:swimwear trunks:swimwear bra:brassiere beanie:hat,headgear cap:hat,headgear
    visor:headgear hat:headgear helmet:headgear shoe:footwear boot:footwear sandal:footwear
    slipper:footwear sneaker:footwear,sport trainer:footwear clog:footwear loafer:footwear,shoe
    sole:footwear handbag:bag purse:handbag tote:bag,handbag backpack:bag,travel,rucksack
    rucksack:backpack duffel:bag,travel suitcase:travel,luggage luggage:suitcase,travel
    wallet:purse,pocket pouch:bag sofa:seat,upholstered couch:sofa,seat chair:seat stool:seat
    bench:seat armchair:seat,upholstered recliner:seat desk:furniture table:furniture
    bookcase:furniture cabinet:furniture dresser:furniture,bedroom nightstand:furniture,bedroom
    bed:furniture shelf:furniture wardrobe:furniture lamp:luminaire,lighting
    light:luminaire,lighting lantern:lamp,luminaire bulb:lamp flashlight:torch,portable,lamp
    torch:flashlight phone:telephone smartphone:telephone,cellular laptop:portable,computer
    notebook:laptop computer:processing,data tablet:computer,portable television:reception
    earbud:headphone,earphone headphone:earphone headset:headphone,microphone
    speaker:loudspeaker charger:converter,static,adapter adapter:converter,power
    powerbank:battery,lithium mower:lawn webcam:camera camera:camera doll:toy plush:toy,stuffed
    puzzle:toy figurine:statuette,ornament statue:statuette,ornament ornament:decoration
    decorative:ornamental ornamental:decorative necklace:jewelry bracelet:jewelry
    earring:jewelry ring:jewelry brooch:jewelry pendant:jewelry mug:tableware,cup cup:tableware
    plate:tableware bowl:tableware saucer:tableware cutlery:fork,spoon tumbler:drinking,cup
    skillet:pan cookware:kitchen,pan pan:cookware supplement:preparation,food
    capsule:preparation vitamin:preparation candy:confectionery gummy:confectionery,candy
    cookie:biscuit biscuit:cookie cracker:biscuit lotion:skin,care cream:skin,care
    serum:skin,care lipstick:lip,makeup detergent:cleaning,washing cleanser:cleaning
    fragrance:perfume cologne:perfume curtain:drape drape:curtain blanket:throw throw:blanket
    rug:carpet mat:rug carpet:rug quilt:comforter,bedding comforter:quilt,bedding
    duvet:quilt,bedding pillow:cushion,bedding pillowcase:linen,bed sheet:sheet
    towel:linen,toilet napkin:serviette truck:vehicle car:vehicle,motor vehicle:motor
    bicycle:cycle scooter:cycle stroller:carriage,baby diaper:nappy,napkin
    toothbrush:brush,tooth broom:brush mop:brush faucet:tap,valve pipe:tube hose:tube,pipe
    bolt:screw wrench:spanner pliers:tool screwdriver:tool hammer:tool gasket:seal,joint
    engine:motor pump:pump sensor:instrument,measuring thermometer:instrument eyeglass:spectacle
    goggle:spectacle glove:mitten mitten:glove scarf:shawl necktie:tie yarn:yarn fabric:textile
    cloth:textile,fabric canvas:textile,fabric textile:fabric dog:animal,pet cat:animal,pet
    leash:lead,animal collar:collar christmas:festive halloween:festive,carnival easter:festive
    party:festive dumbbell:exercise,gymnastics fitness:exercise gym:exercise treadmill:exercise
    yoga:exercise basketball:ball,inflatable led:light,lamp cable:conductor,wire cord:cable
    wire:conductor plug:socket outlet:socket photovoltaic:solar solar:photovoltaic
    medication:medicament medicine:medicament drug:medicament pill:medicament powder:powder
    sauce:condiment seasoning:condiment juice:juice shrimp:crustacean prawn:shrimp,crustacean
    sticker:adhesive,label decal:adhesive,transfer label:label poster:printed,picture
    print:printed,picture manual:manually electrical:electric electronic:electric
    motorized:motor,electric rechargeable:battery,electric bluetooth:wireless wifi:wireless
    fiber:fiber
"""
# A word → words that the nomenclature uses for it, or for the class it belongs to.
IMPLIED: dict[str, tuple[str, ...]] = {
    key: tuple(words.split(","))
    for key, words in (pair.split(":") for pair in _IMPLIED_TEXT.split())
}

_FIBRES_TEXT = """
    acetate acrylic alpaca angora artificial cashmere cotton cupro elastane flax hemp jute
    leather linen lycra lyocell merino metallic modal mohair nylon polyamide polyester
    polypropylene polyurethane ramie rayon silk spandex synthetic viscose wool
"""
# Fibres whose shares a composition states.
FIBRES = frozenset(_FIBRES_TEXT.split())

_HAN_WORDS_TEXT = """
    棉:cotton 纯棉:cotton 涤纶:polyester 聚酯:polyester 尼龙:nylon 锦纶:nylon
    羊毛:wool 羊绒:cashmere 亚麻:linen 真丝:silk 腈纶:acrylic 人造棉:rayon
    粘胶:viscose 氨纶:spandex 皮革:leather 真皮:leather 塑料:plastic 硅胶:silicone
    橡胶:rubber 木:wood 竹:bamboo 藤:rattan 不锈钢:stainless_steel 铁:iron
    钢:steel 铝:aluminum 铜:copper 玻璃:glass 陶瓷:ceramic 瓷:porcelain
    纸:paper 金属:metal 针织:knit 梭织:woven 机织:woven 女:women 男:men 儿童:child
    婴儿:baby 女童:girl 男童:boy 电动:electric 无线:wireless 蓝牙:bluetooth
    太阳能:solar 零件:parts 配件:parts 装饰:decorative 宠物:pet 圣诞:christmas
    连衣裙:dress 衬衫:shirt 裤:trouser 裙:skirt 鞋:shoe 帽:hat 袜:sock 包:bag
    灯:lamp 椅:chair 桌:table 杯:cup 玩具:toy 手机:phone
"""
# Chinese materials, persons and common goods → English.
HAN_WORDS: dict[str, str] = {
    han: english.replace("_", " ")
    for han, english in (pair.split(":") for pair in _HAN_WORDS_TEXT.split())
}
